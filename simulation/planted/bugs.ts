// Deliberate defects, each a change of a few words in one source file, made in memory by plant-worker.ts as the file is loaded.
// The files themselves stay as they are, and nothing in src knows of this: a build for users cannot contain one. What they
// are for: whoever trusts the simulator and the small model should see what these catch.
import { bugsOfMemory } from "./bugs-of-memory.ts";
import { bugsOfRules } from "./bugs-of-rules.ts";
import type { PlantedBug } from "./planted-bug.ts";

export const plantedBugs: readonly PlantedBug[] = [...bugsOfRules, ...bugsOfMemory];
