// Golden transcripts of the core (test/vectors/consensus): inputs that a person writes, after each the effects of the real
// step() and where the seat then stands. `replay` fills a transcript in; what it gives must equal what is in the file.
import type { Effect, Message } from "../../src/consensus/index.ts";
import { bitmapIndices, type Digest, equalBytes } from "../../src/primitives/index.ts";
import { type Certificate, type Statement, type VoteKind, voteKinds } from "../../src/schema/index.ts";
import { block, Core, type Event, factsOf, genesis } from "./consensus-core.ts";

/** Names of blocks that a transcript may use. */
const names = ["genesis", "a", "b", "c", "d", "e", "x", "y"];

/** The same transcript with the effects that the core has today. Throws for a line that it does not understand. */
export function replay(text: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith("#") || line.startsWith(">") || line.trim() === "");
  const head = /^seat (\d+|none) of (\d+)(?:, observing (\S+))?$/m.exec(text);
  if (head === null) throw new Error('a transcript begins with "seat N of M"');
  const core = new Core({
    seat: head[1] === "none" ? undefined : Number(head[1]),
    size: Number(head[2]),
    ...(head[3] === undefined ? {} : { observing: head[3] }),
  });
  const out: string[] = [];
  let headDone = false;
  for (const line of lines) {
    if (!headDone && line.startsWith(">")) {
      out.push(head[0], "");
      headDone = true;
    }
    if (!line.startsWith("> ")) {
      if (line !== "" || out.at(-1) !== "") out.push(line);
      continue;
    }
    out.push(line, ...perform(core, line.slice(2)).map((effect) => `    ${effect}`), `    = ${standing(core)}`);
  }
  return `${out.join("\n").trimEnd()}\n`;
}

function perform(core: Core, words: string): readonly string[] {
  const time = /^time \+(\d+)$/.exec(words);
  if (time !== null) {
    core.nowMs += Number(time[1]);
    return [];
  }
  const effects = words === "signed" ? core.signAll() : core.input(read(core, words));
  return effects.map((effect) => describe(core, effect));
}

const isKind = (word: string | undefined): word is VoteKind => voteKinds.includes(word as VoteKind);

/** An input in words. */
function read(core: Core, words: string): Event {
  const parts = words.split(" ");
  const [kind, ...rest] = parts;
  const fail = (): never => {
    throw new Error(`this is no input: ${words}`);
  };
  switch (kind) {
    case "start":
      return { kind: "start" };
    case "timer":
      return { kind: "timer", token: core.state.timers[rest[0] as "propose"] ?? fail() };
    case "observe":
      return { kind: "observe", reason: rest[0] };
    case "vote": {
      const [seat, what, view, name] = rest;
      if (!isKind(what)) return fail();
      return { kind: "vote", vote: core.vote(Number(seat), what, Number(view), name) as never };
    }
    case "certificate": {
      const [what, view, ...more] = rest;
      const by = more.indexOf("by");
      if (!isKind(what) || by === -1) return fail();
      const seats = (more[by + 1] ?? "").split(",").map(Number);
      const certificate = core.certificate(what, Number(view), by === 1 ? more[0] : undefined, seats);
      return { kind: "certificate", certificate: certificate as never, fromSeat: undefined };
    }
    case "proposal":
      return {
        kind: "proposal",
        proposal: core.proposal(Number(rest[0]), Number(rest[2]), rest[3] ?? fail()) as never,
      };
    case "valid":
    case "built": {
      const [name = "", , parent = "genesis", , height, last] = rest;
      const facts = factsOf(name, { parent: block(parent), height: Number(height), lastOfTerm: last === "last" });
      return kind === "built"
        ? { kind: "built", view: core.state.view, facts }
        : { kind: "checked", digest: facts.digest, outcome: { kind: "valid", facts } };
    }
    case "invalid":
      return { kind: "checked", digest: block(rest[0] ?? ""), outcome: { kind: "invalid", reason: rest[1] ?? fail() } };
    default:
      return fail();
  }
}

const nameOf = (digest: Digest): string =>
  names.find((name) => equalBytes(name === "genesis" ? genesis.digest : block(name), digest)) ?? "?";

const words = ({ kind, view, digest }: Statement): string => {
  const name = voteKinds[kind] as VoteKind;
  return name === "nullify" ? `nullify ${view}` : `${name} ${view} ${nameOf(digest)}`;
};

const certificateWords = (core: Core, { statement, signers }: Certificate): string => {
  const seats = bitmapIndices(signers, core.committee.seats.length);
  return `${words(statement)} by ${seats.ok ? seats.value.join() : "?"}`;
};

function messageWords(core: Core, message: Message): string {
  if (message.kind === "vote") return `vote ${words(message.vote.statement)}`;
  if (message.kind === "certificate") return `certificate ${certificateWords(core, message.certificate)}`;
  const { view, parentView, digest } = message.proposal.statement;
  return `proposal ${view} on ${parentView} ${nameOf(digest)}`;
}

function describe(core: Core, effect: Effect): string {
  switch (effect.kind) {
    case "persist":
      return `persist ${certificateWords(core, effect.certificate)}`;
    case "sign-vote":
      return `sign ${words(effect.statement)}`;
    case "sign-proposal":
      return `sign propose ${effect.statement.view} on ${effect.statement.parentView} ${nameOf(effect.statement.digest)}`;
    case "send":
      return `send to ${typeof effect.to === "string" ? effect.to : effect.to.join()}: ${messageWords(core, effect.message)}`;
    case "ask":
      return `ask ${typeof effect.to === "string" ? effect.to : effect.to.join()}`;
    case "build":
      return `build ${effect.view} on ${nameOf(effect.parent)}`;
    case "check":
      return `check ${nameOf(effect.digest)}${effect.notarized ? ", certified" : ""}, from ${effect.sources.join()}`;
    case "commit":
      return `commit ${effect.chain.map(nameOf).join()} by ${words(effect.finalization.statement)}`;
    case "timer": {
      const name = Object.entries(core.state.timers).find(([, token]) => token === effect.token)?.[0] ?? "passed";
      return `timer ${name} in ${effect.atMs - core.nowMs} ms`;
    }
    case "evidence": {
      const { votes, proposals } = effect.evidence;
      const what = votes.length > 0 ? votes.map((vote) => words(vote.statement)) : proposals.map(() => "propose");
      return `evidence against seat ${effect.seat}: ${what.join(" and ")}`;
    }
    case "observing":
      return `observing: ${effect.reason}`;
  }
}

function standing({ state }: Core): string {
  const { floor, view, deltaMs, observing, ended } = state;
  return [
    `view ${view}`,
    `final ${nameOf(floor.facts.digest)}`,
    `delta ${deltaMs}`,
    ...(observing === undefined ? [] : [`observing ${observing}`]),
    ...(ended ? ["ended"] : []),
  ].join(", ");
}
