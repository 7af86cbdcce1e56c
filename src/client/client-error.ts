// What can go wrong between a program and a node, for the program to tell apart.
export type ClientErrorCode =
  /** The node answered with an error: `rpcCode` and `reason` say which. */
  | "RPC_FAILED"
  /** No answer came: the node is down, unreachable or cut the connection. */
  | "TRANSPORT_FAILED"
  | "TIMED_OUT"
  /** The client was closed. */
  | "CLOSED"
  /** This transport cannot do it: subscriptions need webSocket(). */
  | "UNSUPPORTED";

export interface ClientErrorDetails {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rpcCode?: number | undefined;
  /** The node's stable word for what was wrong. */
  readonly reason?: string | undefined;
  readonly data?: unknown;
  readonly cause?: unknown;
}

export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** The message without the particulars of the call. */
  readonly shortMessage: string;
  readonly rpcCode: number | undefined;
  readonly reason: string | undefined;
  readonly data: unknown;

  constructor(code: ClientErrorCode, shortMessage: string, details: ClientErrorDetails = {}) {
    const where = [details.method, details.url].filter((each) => each !== undefined).join(" at ");
    super(where === "" ? shortMessage : `${shortMessage} (${where})`, { cause: details.cause });
    this.code = code;
    this.shortMessage = shortMessage;
    this.rpcCode = details.rpcCode;
    this.reason = details.reason;
    this.data = details.data;
  }
}
