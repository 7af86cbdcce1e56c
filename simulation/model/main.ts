// npm run model -- [--views 3] [--depth 99] [--states 2000000] [--restarts 0] [--last-height 0] [--byzantine 0,1,2,3]: explores
// the small model and prints what was visited; exit status 1 and the path when a rule was broken.
import { parseArgs } from "node:util";
import { explore } from "./explore.ts";

const { values } = parseArgs({
  options: {
    views: { type: "string", default: "2" },
    depth: { type: "string", default: "99" },
    states: { type: "string", default: "2000000" },
    restarts: { type: "string", default: "0" },
    "last-height": { type: "string", default: "0" },
    byzantine: { type: "string", default: "0,1,2,3" },
    "heal-every": { type: "string", default: "100" },
  },
});

for (const byzantine of values.byzantine.split(",").map(Number)) {
  const startedMs = performance.now();
  const result = explore({
    byzantine,
    views: Number(values.views),
    depth: Number(values.depth),
    statesMax: Number(values.states),
    restarts: Number(values.restarts),
    lastHeight: Number(values["last-height"]),
    healEvery: Number(values["heal-every"]),
  });
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `Byzantine leader of view ${byzantine + 1}: ${result.states} states, ${result.transitions} transitions, ${result.seatStates} states of a seat, depth ${result.depth}${result.complete ? " (all there are)" : ""}, ${result.healed} healed, ${seconds.toFixed(1)} s`,
  );
  if (result.violation === undefined) continue;
  console.log(`BROKEN: ${result.violation.what}\n${result.violation.path.map((line) => `  ${line}`).join("\n")}`);
  process.exitCode = 1;
}
