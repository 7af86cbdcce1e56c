// Why a node cannot listen, in the operator's words: libp2p gathers what its transports threw into one long text.
import { FairmeshError } from "../primitives/index.ts";

const reasons: Readonly<Record<string, readonly [code: Uppercase<string>, message: string]>> = {
  EADDRINUSE: ["PORT_IN_USE", "is taken; set network.listen to another"],
  EADDRNOTAVAIL: ["ADDRESS_FOREIGN", "is no address of this machine; set network.listen to one that is"],
  EACCES: ["PORT_FORBIDDEN", "may not be used by this user; set network.listen to a port above 1023"],
};

/** An error with a code when it is known what is wrong, and otherwise the cause as it came. */
export function listenFailure(cause: unknown): unknown {
  const found = /(\/\S+): Error: listen (E[A-Z]+)/.exec(String(cause));
  const [code, message] = reasons[found?.[2] ?? ""] ?? [];
  return code === undefined ? cause : new FairmeshError(code, `${found?.[1]} ${message}`, { cause });
}
