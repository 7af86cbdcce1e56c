// One JSON-RPC call to a node, as an outside program makes it.
export async function rpcCall<T>(
  url: string,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(3_000),
  });
  const answer = (await response.json()) as { readonly result?: T; readonly error?: { readonly message: string } };
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as T;
}
