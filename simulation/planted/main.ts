// npm run planted -- [NAME...]: plants each bug (or those named) and prints the table of what caught it; exit status 1 when one
// is not caught. Without the bugs, the same seeds break nothing: that is what `npm run simulate` shows.
import { catchPlanted, plantedBugs } from "./index.ts";

const names = process.argv.slice(2);
const strange = names.find((name) => !plantedBugs.some((bug) => bug.name === name));
if (strange !== undefined) {
  console.error(`there is no planted bug "${strange}"; there are: ${plantedBugs.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const chosen = plantedBugs.filter(({ name }) => names.length === 0 || names.includes(name));
let caught = 0;
console.log("| bug | rule | what it does | caught by | after | seen as |\n| --- | --- | --- | --- | --- | --- |");
for (const bug of chosen) {
  const { after, violation } = await catchPlanted(bug);
  if (after !== undefined) caught += 1;
  const { caughtBy } = bug;
  const by = "model" in caughtBy ? "small model" : `${caughtBy.scenario}, at most ${caughtBy.seedsMax} seeds`;
  const unit = "model" in caughtBy ? "states" : after === 1 ? "seed" : "seeds";
  const seen = violation.replace(/^\d+ ms: /, "");
  console.log(
    `| ${bug.name} | ${bug.rule} | ${bug.what} | ${by} | ${after === undefined ? "NOT CAUGHT" : `${after} ${unit}`} | ${seen} |`,
  );
}
console.log(`\n${caught} of ${chosen.length} caught`);
if (caught < chosen.length) process.exitCode = 1;
