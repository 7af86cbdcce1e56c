// The OpenRPC 1.2.6 document of the methods there are, made from the schemas that validate them.
import { z } from "zod";
import type { Method } from "./method.ts";

/** Values that stand for something of the network at hand are shown as `$name`. */
const exampleOf = ({ name, example }: Method) => ({
  name,
  params: Object.entries(example).map(([each, value]) => ({ name: each, value })),
});

export function openRpcDocument(methods: readonly Method[], version: string): Readonly<Record<string, unknown>> {
  return {
    openrpc: "1.2.6",
    info: { title: "Fairmesh", version, license: { name: "Apache-2.0" } },
    methods: methods.map((method) => ({
      name: method.name,
      summary: method.summary,
      paramStructure: "either",
      params: Object.entries(method.params.shape).map(([name, schema]) => ({
        name,
        description: (schema as z.ZodType).description ?? name,
        required: !(schema as z.ZodType).safeParse(undefined).success,
        schema: z.toJSONSchema(schema as z.ZodType, { target: "draft-7", io: "input" }),
      })),
      result: {
        name: method.result[0],
        schema: z.toJSONSchema(method.result[1], { target: "draft-7", io: "output" }),
      },
      examples: [exampleOf(method)],
      "x-permission": method.scope,
      "x-stability": method.stability,
    })),
  };
}
