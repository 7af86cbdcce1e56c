// docs/RPC.md, made from the methods that there are. A test keeps it current.
import { z } from "zod";
import type { Method } from "./method.ts";
import { rpcCodes } from "./rpc-error.ts";

const head = `# RPC

Generated from the methods in \`src/rpc\` by \`fairmesh rpc reference\`; a test compares them. A node answers the same as an
OpenRPC 1.2.6 document to \`rpc.discover\`.

| where | what |
| --- | --- |
| \`POST /\` | JSON-RPC 2.0, single or in batches; parameters by name or by position |
| \`GET /ws\` | the same over WebSocket, with subscriptions |
| \`GET /api/v1/METHOD?name=value\` | the reading methods, but for subscriptions |
| \`GET /\` | the dashboard, a page that only reads (\`rpc.dashboard\`); its files under \`/dashboard/\` |
| \`GET /healthz\`, \`GET /readyz\` | alive; 200 ready, 206 catching up, 503 otherwise |
| \`/metrics\` | for Prometheus, on a port of its own |

**Values.** Amounts and other 64-bit quantities are decimal strings (money in grains, 10^-9 FAIR), bytes are 0x-hex, accounts are
addresses (\`fair1…\`), times are RFC 3339 in UTC. Heights, epochs and sequences are numbers. Lists answer
\`{items, nextCursor}\`: give \`nextCursor\` as \`cursor\` to go on; it is null on the last page.

**Access.** RPC listens on loopback, where reading is open. Everything else, and reading from elsewhere, needs
\`Authorization: Bearer TOKEN\`; \`fairmesh tokens new --scope read,write\` makes one. In a browser, a WebSocket offers the
subprotocols \`fairmesh\` and \`bearer.TOKEN\`. Pages of other origins are refused unless \`rpc.corsOrigins\` names them, and so is what
they embed.

**Limits** are settings (docs/CONFIGURATION.md, rpc): bytes of a request, calls of a batch, calls a second by token or address
(a batch counts as its calls), connections, subscriptions of a connection.
`;

const errorLines: Readonly<Record<keyof typeof rpcCodes, string>> = {
  parse: "not JSON",
  invalidRequest: "not a JSON-RPC 2.0 request, or one that this transport cannot serve",
  methodNotFound: "there is no such method",
  invalidParams: "`data.issues` says what is wrong with which parameter",
  internal: "the node failed; its log says why",
  notFound: "there is no such thing, or not yet, or not any more",
  unauthorized: "a token with another scope is needed",
  rejected: "the ledger refuses the transaction: `data.reason` is its stable word for why",
  limit: "too much at once, or too far behind; HTTP answers 429 or 413",
};

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
}

const schemaOf = (schema: z.ZodType, io: "input" | "output"): JsonSchema =>
  z.toJSONSchema(schema, { target: "draft-7", io }) as JsonSchema;

function typeText(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${each}\``).join(", ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" or ");
  if (schema.type !== "integer") return schema.type ?? "any";
  return schema.maximum === undefined || schema.maximum >= Number.MAX_SAFE_INTEGER
    ? "integer"
    : `integer, ${schema.minimum ?? 0} to ${schema.maximum}`;
}

/** An answer's form, one level deep: what is nested names its fields. */
function shapeText(schema: JsonSchema, depth = 0): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((each) => shapeText(each, depth)).join(" or ");
  if (schema.type === "array" && schema.items !== undefined) return `[${shapeText(schema.items, depth)}]`;
  const names = Object.entries(schema.properties ?? {});
  if (names.length === 0) return schema.type === "object" ? "{…}" : (schema.type ?? "any");
  const shown = names.map(([name, each]) => {
    const nested = each.properties !== undefined || each.items?.properties !== undefined;
    return nested ? `${name}: ${depth >= 2 ? "{…}" : shapeText(each, depth + 1)}` : name;
  });
  return `{${shown.join(", ")}}`;
}

function methodLines(method: Method): readonly string[] {
  const params = Object.entries(method.params.shape as Readonly<Record<string, z.ZodType>>);
  const rows = params.map(([name, each]) => {
    const schema = schemaOf(each, "input");
    const optional = each.safeParse(undefined).success;
    const fallback = schema.default === undefined ? "" : ` (\`${String(schema.default)}\`)`;
    return `| \`${name}\` | ${typeText(schema)} | ${optional ? `no${fallback}` : "yes"} | ${each.description ?? ""} |`;
  });
  const table =
    rows.length === 0 ? [] : ["| parameter | type | needed | what it is |", "| --- | --- | --- | --- |", ...rows, ""];
  const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: method.name, params: method.example });
  return [
    `### ${method.name}`,
    "",
    `${method.summary} Scope \`${method.scope}\`, ${method.stability}.`,
    "",
    ...table,
    `Answers \`${shapeText(schemaOf(method.result[1], "output"))}\`.`,
    "",
    "```json",
    call,
    "```",
    "",
  ];
}

/** The whole reference as Markdown. */
export function rpcReference(methods: readonly Method[]): string {
  const errors = Object.entries(rpcCodes).map(
    ([kind, code]) => `| ${code} | ${errorLines[kind as keyof typeof rpcCodes]} |`,
  );
  return [
    head,
    "## Errors",
    "",
    "Each carries a stable word for programs in `data.reason`.",
    "",
    "| code | when |",
    "| --- | --- |",
    ...errors,
    "",
    "## Methods",
    "",
    "In the examples, `$name` stands for something of the network at hand.",
    "",
    ...methods.flatMap(methodLines),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
