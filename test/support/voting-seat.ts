// A seat of a small committee for tests of real processes: the real driver and core, real ML-DSA, the machine's clock, over a
// given store, guard and transport, agreeing on a chain of small blocks. Keys are made from numbers.
import { chainApplication } from "../../simulation/environment/index.ts";
import { timingOf } from "../../src/consensus/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createNativeVerifier, systemClock, systemRandom } from "../../src/native/index.ts";
import type { Store, Transport, VoteGuard } from "../../src/ports/index.ts";
import { bigEndian, networkId } from "../../src/primitives/index.ts";
import { createDriver, type Driver, type Observed } from "../../src/runtime/driver/index.ts";
import { committeeCodec } from "../../src/schema/index.ts";
import { quietLog, quietMetrics } from "./quiet-ports.ts";

export const votingSeats = 4;
/** Fast, so that there is always a vote under way. */
const intervalMs = 60;
const timing = timingOf(intervalMs, 300);
const blocksPerTerm = 40;

const seatSigner = (seat: number) => createNativeSigner(sha256(bigEndian(seat), Uint8Array.of(1)));
const signers = Array.from({ length: votingSeats }, (_, seat) => seatSigner(seat));
export const seatAccounts = signers.map(({ accountId }) => accountId);

const committee = (term: number) => {
  const record = { term, seats: signers.map(({ accountId, publicKey }) => ({ operator: accountId, publicKey })) };
  return { record, root: committeeCodec.root(record), beacon: sha256(bigEndian(term)) };
};

export interface SeatPorts extends Observed {
  readonly seat: number;
  readonly store: Store;
  readonly guard: VoteGuard;
  readonly transport: Transport;
  readonly genesisMs: number;
}

export function votingSeat({ seat, genesisMs, ...ports }: SeatPorts): Driver {
  const application = chainApplication({
    store: ports.store,
    committee,
    blocksPerTerm,
    intervalMs,
    driftMs: timing.driftMs,
    genesisMs,
    payloadBytes: 64,
    payload: (length) => systemRandom.bytes(length),
  });
  return createDriver({
    ...ports,
    application,
    signer: signers[seat] as (typeof signers)[number],
    verifier: createNativeVerifier(),
    clock: systemClock,
    random: systemRandom,
    log: quietLog,
    metrics: quietMetrics,
    networkId: networkId(sha256(bigEndian(7))),
    timing,
  });
}
