// From a lock to a durable signature (S-14). The only place where the driver asks the signer; called with locks that are in
// both memories already, or puts them there first.

import type { Signer } from "../../ports/index.ts";
import type { NetworkId } from "../../primitives/index.ts";
import { proposalStatementCodec, signingRoot, statementRoot } from "../../schema/index.ts";
import type { Binding, Signed, VoteMemory } from "./vote-memory.ts";

export interface Signing {
  /**
   * Locks, then signs; the signatures are durable when it settles. Rejects when a memory fails: then nothing was signed that
   * anyone may see. After a restart, a lock that one memory lacks gets there by the same way.
   */
  lockAndSign(seat: number, bindings: readonly Binding[]): Promise<readonly Signed[]>;
}

export function signingWith(memory: VoteMemory, signer: Signer, networkId: NetworkId): Signing {
  const signOne = async (seat: number, binding: Binding): Promise<Signed> => {
    if (binding.kind === "vote") {
      const { statement } = binding;
      const signature = await signer.sign(signingRoot(statementRoot(statement), networkId, "vote"), "vote");
      return { kind: "vote", vote: { statement, seat, signature } };
    }
    const { statement } = binding;
    const root = signingRoot(proposalStatementCodec.root(statement), networkId, "propose");
    return { kind: "proposal", proposal: { statement, seat, signature: await signer.sign(root, "propose") } };
  };
  const sign = async (seat: number, bindings: readonly Binding[]): Promise<readonly Signed[]> => {
    if (bindings.length === 0) return [];
    const signed: Signed[] = [];
    for (const binding of bindings) signed.push(await signOne(seat, binding));
    await memory.signed(signed);
    return signed;
  };
  return {
    async lockAndSign(seat, bindings) {
      if (bindings.length === 0) return [];
      await memory.lock(bindings);
      return sign(seat, bindings);
    },
  };
}
