// Kills a voting process again and again (SIGKILL), mostly right after a frame of its left, and looks into its memory each time:
// whatever it ever said must be in its guard and, above its floor, in its database; nothing may be said twice (S-13, S-14).
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemRandom } from "../../src/native/index.ts";
import { type GuardKind, guardKinds, type Store } from "../../src/ports/index.ts";
import { type Bytes, bigEndian, concatBytes, keyOf } from "../../src/primitives/index.ts";
import { driverProtocols, driverSpaces } from "../../src/runtime/driver/index.ts";
import { certificateCodec, decodeConsensusMessage, proposalStatementCodec, voteKinds } from "../../src/schema/index.ts";
import { createGuard, openGuard, openLevelStore } from "../../src/storage/index.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createMemoryVoteGuard } from "./memory-vote-guard.ts";
import { Questions, SeatHub, seatTransport, type Wire } from "./seat-hub.ts";
import { seatAccounts, votingSeat, votingSeats } from "./voting-seat.ts";

export interface KillReport {
  readonly kills: number;
  /** Different votes and proposals that the killed seat said. */
  readonly said: number;
  readonly frames: number;
  readonly height: number;
  /** Final blocks of the killed seat at its end. */
  readonly ownHeight: number;
  readonly problems: readonly string[];
}

const victim = votingSeats - 1;
const account = seatAccounts[victim] as (typeof seatAccounts)[number];

interface Said {
  readonly term: number;
  readonly view: number;
  readonly kind: GuardKind;
  readonly digest: string;
}

/** What a frame binds its sender to, if it is the sender's own vote or proposal. */
function saidIn(protocol: string, bytes: Bytes): Said | undefined {
  const decoded = protocol === driverProtocols.messages ? decodeConsensusMessage(bytes) : undefined;
  if (decoded?.ok !== true || decoded.value.kind === "certificate") return undefined;
  if (decoded.value.kind === "vote") {
    const { statement, seat } = decoded.value.vote;
    const { term, view, digest } = statement;
    return seat === victim
      ? { term, view, kind: voteKinds[statement.kind] as GuardKind, digest: keyOf(digest) }
      : undefined;
  }
  const { statement, seat } = decoded.value.proposal;
  const digest = keyOf(proposalStatementCodec.root(statement));
  return seat === victim ? { term: statement.term, view: statement.view, kind: "propose", digest } : undefined;
}

export class KillWhileVoting {
  readonly #hub = new SeatHub();
  readonly #said = new Map<string, Said>();
  readonly #problems: string[] = [];
  #frames = 0;
  #ownHeight = 0;
  #observing: string | undefined;

  async run(kills: number): Promise<KillReport> {
    const folder = await mkdtemp(join(tmpdir(), "fairmesh-kill-"));
    const genesisMs = Date.now() - 1000;
    await createGuard(join(folder, "guard"), account);
    const others = Array.from({ length: victim }, (_, seat) => this.#othersSeat(seat, genesisMs));
    try {
      await Promise.all(others.map((driver) => driver.start()));
      for (let kill = 0; kill < kills && this.#problems.length === 0; kill++) {
        await this.#oneLife(folder, genesisMs, (child) => this.#momentToKill(child));
        await this.#lookInto(folder);
      }
      const heightThen = others[0]?.status().height ?? 0;
      await this.#oneLife(folder, genesisMs, async () => {
        for (let waited = 0; waited < 600 && this.#ownHeight < heightThen; waited++) await sleep(50);
      });
      if (this.#ownHeight < heightThen)
        this.#problems.push(`it is at height ${this.#ownHeight} and not at ${heightThen}`);
      if (this.#observing !== undefined) this.#problems.push(`it only observes: ${this.#observing}`);
      const height = others[0]?.status().height ?? 0;
      return {
        kills,
        said: this.#said.size,
        frames: this.#frames,
        height,
        ownHeight: this.#ownHeight,
        problems: this.#problems,
      };
    } finally {
      await Promise.all(others.map((driver) => driver.stop()));
      await rm(folder, { recursive: true, force: true });
    }
  }

  #othersSeat(seat: number, genesisMs: number) {
    const from = seatAccounts[seat] as (typeof seatAccounts)[number];
    const { transport, endpoint } = seatTransport({
      tell: (to, protocol, bytes) => this.#hub.tell(from, to, { protocol, bytes }),
      ask: (to, protocol, bytes) => this.#hub.ask(from, to, { protocol, bytes }),
      peers: seatAccounts.filter((other) => other !== from),
    });
    this.#hub.set(from, endpoint);
    return votingSeat({
      seat,
      genesisMs,
      transport,
      store: createMemoryStore(),
      guard: createMemoryVoteGuard(),
      onEvidence: () => void this.#problems.push("there is evidence against the killed seat"),
    });
  }

  /** Half of the times right after one of its next frames, else at any time. */
  async #momentToKill(child: ChildProcess): Promise<void> {
    const started = this.#frames;
    const after = 1 + systemRandom.below(24);
    const deadlineMs = Date.now() + 10_000;
    const reached = (): boolean =>
      this.#frames - started >= after || child.exitCode !== null || Date.now() > deadlineMs;
    while (!reached()) await new Promise((resolve) => setImmediate(resolve));
    if (systemRandom.below(2) === 0) await sleep(systemRandom.below(80));
  }

  async #oneLife(folder: string, genesisMs: number, until: (child: ChildProcess) => Promise<void>): Promise<void> {
    const child = fork(join(import.meta.dirname, "voting-process.ts"), [folder, String(victim), String(genesisMs)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ended = once(child, "exit");
    const questions = new Questions();
    child.on("message", (wire: Wire) => this.#hear(child, wire, questions));
    this.#hub.set(account, {
      message: (protocol, bytes, from) => post(child, { kind: "tell", peer: from, protocol, bytes }),
      request: (protocol, bytes, from) =>
        questions.put((id) => post(child, { kind: "ask", id, peer: from, protocol, bytes })),
    });
    await until(child);
    if (child.exitCode !== null) this.#problems.push(`it ended by itself with ${child.exitCode}`);
    child.kill("SIGKILL");
    await ended;
    this.#hub.set(account, undefined);
    questions.dropAll();
  }

  #hear(child: ChildProcess, wire: Wire, questions: Questions): void {
    switch (wire.kind) {
      case "tell":
        this.#note(wire.protocol, wire.bytes);
        this.#hub.tell(account, wire.peer, wire);
        return;
      case "answer":
        questions.settle(wire.id, wire.chunks);
        return;
      case "height":
        this.#ownHeight = wire.height;
        this.#observing = wire.observing;
        return;
      case "ask":
        this.#hub.ask(account, wire.peer, wire).then(
          (chunks) => post(child, { kind: "answer", id: wire.id, chunks }),
          () => post(child, { kind: "answer", id: wire.id, chunks: undefined }),
        );
    }
  }

  #note(protocol: string, bytes: Bytes): void {
    this.#frames += 1;
    const said = saidIn(protocol, bytes);
    if (said === undefined) return;
    const { term, view, kind, digest } = said;
    const key = (of: GuardKind): string => `${term}/${view}/${of}`;
    const before = this.#said.get(key(kind));
    if (before !== undefined && before.digest !== digest) this.#problems.push(`two different ${key(kind)}`);
    this.#said.set(key(kind), said);
    if (this.#said.has(key("nullify")) && this.#said.has(key("finalize"))) this.#problems.push(`both in ${key(kind)}`);
  }

  /** S-14: everything that was said is in the guard, and above the floor in the database too. */
  async #lookInto(folder: string): Promise<void> {
    const guard = await openGuard(join(folder, "guard"), account);
    const store = await openLevelStore(join(folder, "database"));
    try {
      if (guard.state === "damaged") this.#problems.push(`the guard is damaged: ${guard.reason}`);
      const signed = new Set<string>();
      for (const term of new Set(Array.from(this.#said.values(), (said) => said.term))) {
        for (const { view, kind, digest, signatureHash } of guard.records(term)) {
          if (signatureHash.some((byte) => byte !== 0)) signed.add(`${term}/${view}/${kind}/${keyOf(digest)}`);
        }
      }
      const floor = floorOf(store);
      for (const { term, view, kind, digest } of this.#said.values()) {
        const text = `${term}/${view}/${kind}`;
        if (!signed.has(`${text}/${digest}`)) this.#problems.push(`it said ${text}, which is not in its guard`);
        const row = concatBytes(bigEndian(term), bigEndian(view), bigEndian(guardKinds.indexOf(kind), 1));
        const isOpen = term > floor.term || (term === floor.term && view > floor.view && !floor.ended);
        if (isOpen && store.get(driverSpaces.signed, row) === undefined)
          this.#problems.push(`it said ${text}, which is not in its database`);
      }
    } finally {
      await store.close();
      await guard.close();
    }
  }
}

/** The last final block of a database: its term and view, and whether it was the term's last. */
function floorOf(store: Store): { readonly term: number; readonly view: number; readonly ended: boolean } {
  const tip = store.get("chain-tip", Uint8Array.of(0));
  const finalization = tip === undefined ? undefined : certificateCodec.decode(tip.slice(32));
  if (finalization?.ok !== true) return { term: 0, view: 0, ended: false };
  const { term, view } = finalization.value.statement;
  return { term, view, ended: store.get(driverSpaces.termEnds, bigEndian(term)) !== undefined };
}

function post(child: ChildProcess, wire: Wire): void {
  if (child.connected) child.send(wire, () => {});
}
