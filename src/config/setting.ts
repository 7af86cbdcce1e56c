// What a setting is: its schema, default, and a sentence for the reference. Settings are written down once (settings.ts);
// loading, checking, editing, docs and the JSON Schema are all made from that.
import { z } from "zod";

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly fallback: z.output<S>;
  readonly about: string;
  /** Given by the environment or a file of its own, never in the configuration file, and never shown. */
  readonly secret: boolean;
}

export const setting = <S extends z.ZodType>(schema: S, fallback: z.output<S>, about: string): Setting<S> => ({
  schema,
  fallback,
  about,
  secret: false,
});

export const secret = (about: string): Setting<z.ZodString> => ({
  schema: z.string().max(4096),
  fallback: "",
  about,
  secret: true,
});

export const whole = (min: number, max: number): z.ZodNumber => z.number().int().min(min).max(max);
export const text = (max = 4096): z.ZodString => z.string().max(max);
export const list = (max = 64): z.ZodArray<z.ZodString> => z.array(z.string().min(1).max(256)).max(max);
export const port = (): z.ZodNumber => whole(0, 65_535);

/** The JSON type of a setting: how a text from a flag or the environment is read. */
export function valueKind(schema: z.ZodType): "string" | "number" | "boolean" | "list" {
  const { type } = z.toJSONSchema(schema) as { readonly type?: string };
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "boolean";
  return type === "array" ? "list" : "string";
}
