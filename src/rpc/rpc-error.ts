// Errors as JSON-RPC has them, each with a stable reason for programs.
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  notFound: -32001,
  unauthorized: -32002,
  rejected: -32003,
  limit: -32005,
} as const;

export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(kind: keyof typeof rpcCodes, message: string, data: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = rpcCodes[kind];
    this.data = data;
  }
}

const notFound = (what: string, reason: string): RpcError =>
  new RpcError("notFound", `there is no ${what}`, { reason });

/** The value, or a not-found error. */
export function found<T>(value: T | undefined, what: string, reason: string): T {
  if (value === undefined) throw notFound(what, reason);
  return value;
}
