// Scenario files: what a tester writes (YAML or JSON) and what the simulator runs. Unknown keys are errors.
// All times are virtual milliseconds; a range [low, high] is drawn evenly for each use; shares are in ppm.
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { FairmeshError } from "../src/primitives/index.ts";

const milliseconds = z.number().int().min(0).max(86_400_000);
const range = z.tuple([milliseconds, milliseconds]).refine(([low, high]) => low <= high, "a range is [low, high]");
const share = z.number().int().min(0).max(1_000_000);

export const faultKinds = [
  "crash",
  "power-cut",
  "partition",
  "one-way",
  "isolate",
  "loss",
  "repeat",
  "clog",
  "drop-kind",
  "disk-error",
  "roll-back",
  "set-back",
  "bit-flip",
  "guard-damage",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export const behaviours = [
  "twin",
  "equivocator",
  "nuller",
  "withholder",
  "fader",
  "silent",
  "replayer",
  "corrupter",
  "liar",
] as const;
export type Behaviour = (typeof behaviours)[number];

const faultSchema = z.strictObject({
  atMs: milliseconds,
  untilMs: milliseconds,
  kind: z.enum(faultKinds),
  /** The node concerned, or one side of a partition. */
  nodes: z.array(z.number().int().min(0).max(127)).min(1).max(128),
  /** For loss and repeat. */
  ppm: share.default(0),
  /** For drop-kind, the first byte of the frames that vanish: 0 votes, 1 certificates, 2 proposals. */
  tag: z.number().int().min(0).max(2).default(0),
});

/** One fault of a schedule. */
export type Fault = z.infer<typeof faultSchema>;

const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(500).default(""),
  /** Nodes; `--nodes` goes before it. */
  nodes: z.number().int().min(1).max(64).default(4),
  /** Nodes that never have a seat. */
  followers: z.number().int().min(0).max(16).default(0),
  /** With more than four nodes, one in turn sits out each term. */
  rotate: z.boolean().default(false),
  intervalMs: milliseconds.default(500),
  deltaMs: milliseconds.default(1000),
  deltaMaxMs: milliseconds.default(8000),
  blocksPerTerm: z.number().int().min(2).max(10_000).default(8),
  payloadBytes: z.number().int().min(0).max(500_000).default(64),
  /** One-way latency in milliseconds, or measured latencies between cloud regions. */
  latency: z.union([milliseconds, z.literal("regions")]).default(20),
  jitterMs: milliseconds.default(5),
  lossPpm: share.default(0),
  repeatPpm: share.default(0),
  /** Each clock is off by at most this. */
  clockOffsetMs: milliseconds.default(0),
  /** How long a synchronous write takes. */
  syncMs: milliseconds.default(1),
  /** Faults happen for this long, then everything heals but Byzantine nodes. */
  faultsMs: milliseconds.default(20_000),
  faults: z
    .array(
      z.strictObject({
        kind: z.enum(faultKinds),
        /** Between one and the next. */
        everyMs: range,
        /** How long each lasts, where it does. */
        forMs: range.default([500, 5000]),
        /** For loss and repeat. */
        ppm: share.default(200_000),
      }),
    )
    .max(32)
    .default([]),
  /** Exactly these faults, instead of any drawn from `faults`: what shortening a failing schedule writes. */
  schedule: z.array(faultSchema).max(10_000).optional(),
  /** What it is when a node whose whole disk was set back signs a slashable pair: where peers can be asked, it must not. */
  forgetting: z.enum(["counted", "violation"]).default("counted"),
  /** Byzantine seats, beyond f only to see it fork; which of these each is, the seed draws. */
  byzantine: z
    .strictObject({
      count: z.union([z.number().int().min(0).max(21), z.literal("f")]),
      of: z.array(z.enum(behaviours)).min(1),
    })
    .optional(),
  /** After healing, so many blocks have to become final everywhere. */
  blocks: z.number().int().min(1).max(100_000).default(12),
});

export type Scenario = z.infer<typeof scenarioSchema>;

/** A scenario from an object; fails with `SCENARIO_INVALID` and a sentence a line. */
export function parseScenario(value: unknown): Scenario {
  const result = scenarioSchema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join(".") || "scenario"}: ${issue.message}`);
  throw new FairmeshError("SCENARIO_INVALID", lines.join("\n"));
}

/** A scenario as its file; reading it gives the same scenario. */
export const writeScenario = (scenario: Scenario): string => stringify(scenario, { flowCollectionPadding: true });

/** A scenario by the name of one of ours, or from a file. */
export function loadScenario(nameOrFile: string): Scenario {
  const own = /^[a-z0-9-]+$/.test(nameOrFile);
  const file = own ? new URL(`./scenarios/${nameOrFile}.yaml`, import.meta.url) : nameOrFile;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new FairmeshError("SCENARIO_MISSING", `there is no scenario ${nameOrFile}`, { cause });
  }
  return parseScenario(parse(text));
}
