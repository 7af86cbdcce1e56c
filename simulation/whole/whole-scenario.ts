// Scenarios of whole nodes: who takes part, with what, where and in which spirit, and for how many epochs. A file with `groups`
// is one of these; `npm run simulate` tells them from scenarios of consensus alone by that.
import { z } from "zod";
import { FairmeshError } from "../../src/primitives/index.ts";
import { behaviours } from "../scenario.ts";

const milliseconds = z.number().int().min(0).max(86_400_000);

/** What a group's operators do as auditors and provers; everything else they do as everyone. */
export const spirits = [
  "honest",
  /** Answers audits with rubbish. */
  "cheater",
  /** Answers with what another nonce asks for: what could be prepared before the window opened. */
  "preparer",
  /** Keeps no sector and makes what is asked for anew, which takes ten deadlines (section 5). */
  "remaker",
  /** One disk for all identities of the group: it holds the first one's sectors only. */
  "sharer",
  /** Passes whoever it audits, whatever the answer. */
  "lenient",
  /** Fails whoever it audits. */
  "slanderer",
  /** Answers with rubbish, passes its friends, fails everyone else. */
  "colluder",
] as const;
export type Spirit = (typeof spirits)[number];

const groupSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z -]{0,31}$/),
  operators: z.number().int().min(1).max(32),
  spirit: z.enum(spirits).default("honest"),
  /** What its seats do wrong in consensus. */
  behaviour: z.enum(behaviours).optional(),
  /** Units, bond of the operator and of each asset in FAIR, of each operator. */
  storage: z.number().int().min(0).max(4096).default(4),
  bandwidth: z.number().int().min(0).max(100_000).default(50),
  operatorBond: z.number().int().min(10).max(100_000).default(100),
  /** Its operators are not there before this epoch has ended; then they begin with empty disks and join by state. */
  joinsAfterEpoch: z.number().int().min(0).optional(),
  /** Degrees of latitude and longitude that are claimed; operators of a group stand in one cell. */
  at: z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]),
});

export const wholeScenarioSchema = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().max(500).default(""),
  epochs: z.number().int().min(3).max(1000).default(8),
  latencyMs: milliseconds.default(20),
  jitterMs: milliseconds.default(5),
  lossPpm: z.number().int().min(0).max(500_000).default(0),
  /** One operator at a time is away for `awayMs`, as often as this; none without it. */
  crashEveryMs: milliseconds.optional(),
  awayMs: milliseconds.default(4000),
  /** Parameters that differ from the devnet's, by name. */
  parameters: z.record(z.string(), z.number().int().min(0)).default({}),
  groups: z.array(groupSchema).min(1).max(16),
});

export type WholeScenario = z.infer<typeof wholeScenarioSchema>;
export type Group = WholeScenario["groups"][number];

/** Fails with `SCENARIO_INVALID` and a sentence a line. */
export function parseWholeScenario(value: unknown): WholeScenario {
  const result = wholeScenarioSchema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.join(".") || "scenario"}: ${issue.message}`);
  throw new FairmeshError("SCENARIO_INVALID", lines.join("\n"));
}
