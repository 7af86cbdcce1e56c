// What the driver keeps when a node begins after a term that it did not follow: the term's end, for whoever is still in it; of
// that term and those before nothing else (L-9), and no body. What binds this node in later terms stays (S-14).
import type { Store, StoreOperation } from "../../ports/index.ts";
import { bigEndian } from "../../primitives/index.ts";
import { type Certificate, certificateCodec } from "../../schema/index.ts";
import { driverSpaces, limits } from "./wire.ts";

/** To be written in the batch that makes the term's last block the tip. */
export async function adoptedTerm(store: Store, finalization: Certificate): Promise<readonly StoreOperation[]> {
  const { term } = finalization.statement;
  const operations: StoreOperation[] = [];
  const drop = async (space: string, to: Uint8Array): Promise<void> => {
    for await (const [key] of store.range(space, new Uint8Array(0), to, limits.recoveredRowsMax))
      operations.push({ space, key });
  };
  for (const space of [driverSpaces.locks, driverSpaces.signed, driverSpaces.certificates])
    await drop(space, bigEndian(term + 1));
  await drop(driverSpaces.bodies, new Uint8Array(33).fill(255));
  operations.push({
    space: driverSpaces.termEnds,
    key: bigEndian(term),
    value: certificateCodec.encode(finalization),
  });
  return operations;
}
