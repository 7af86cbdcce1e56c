// Reading a JSON-RPC answer: its result, or its error as a ClientError.
import { ClientError } from "./client-error.ts";

export interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export function resultOf(answer: Answer | undefined, method: string): unknown {
  if (answer === undefined || (answer.error === undefined && !("result" in answer))) {
    throw new ClientError("TRANSPORT_FAILED", "the node's answer is not JSON-RPC", { method });
  }
  const { error } = answer;
  if (error === undefined) return answer.result;
  const { reason } = (error.data ?? {}) as { readonly reason?: string };
  throw new ClientError("RPC_FAILED", error.message, { method, rpcCode: error.code, reason, data: error.data });
}
