// What of a log line's fields may be written: secrets never, by the name of their field at any depth; bytes as hex, big
// integers as decimals, errors with code and cause. Bounded, so that logging a message never writes the message.
import { type Bytes, toHex } from "../primitives/index.ts";

const secretName =
  /pass(word|phrase)?$|secret|mnemonic|^words?$|^seed$|seed$|entropy|private_?key|token|authorization|cookie|salt$|preimage/i;

const limits = { depth: 6, items: 32, fields: 64, text: 2048, bytes: 64 } as const;

const redacted = "[redacted]";

const safeBytes = (bytes: Bytes): string =>
  bytes.length <= limits.bytes
    ? `0x${toHex(Uint8Array.from(bytes))}`
    : `0x${toHex(Uint8Array.from(bytes.subarray(0, limits.bytes)))}... (${bytes.length} bytes)`;

const cut = (text: string): string =>
  text.length <= limits.text ? text : `${text.slice(0, limits.text)}... (${text.length} characters)`;

function safeError(error: Error, depth: number): Record<string, unknown> {
  const { code, fields } = error as { readonly code?: unknown; readonly fields?: unknown };
  return {
    name: error.name,
    message: cut(error.message),
    ...(code === undefined ? {} : { code }),
    ...(fields === undefined ? {} : { fields: safeValue(fields, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: safeValue(error.cause, depth + 1) }),
  };
}

function safeList(items: readonly unknown[], depth: number): unknown[] {
  const kept = items.slice(0, limits.items).map((item) => safeValue(item, depth + 1));
  return items.length > limits.items ? [...kept, `... (${items.length} items)`] : kept;
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= limits.depth) return "[deeper]";
  if (value instanceof Uint8Array) return safeBytes(value);
  if (value instanceof Error) return safeError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[no date]" : value.toISOString();
  if (value instanceof Map) return safeList([...value].slice(0, limits.items + 1), depth);
  if (value instanceof Set) return safeList([...value].slice(0, limits.items + 1), depth);
  if (Array.isArray(value)) return safeList(value, depth);
  return safeFields(value as Readonly<Record<string, unknown>>, depth + 1);
}

/** The fields as they may be written; the result has no cycles and nothing that JSON cannot hold. */
export function safeFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, limits.fields)) {
    out[name] = secretName.test(name) && value !== undefined ? redacted : safeValue(value, depth);
  }
  return out;
}
