// Every planted bug is caught within its number of seeds. Takes several minutes: `npm test -- --slow planted`.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { catchPlanted, plantedBugs } from "../../simulation/planted/index.ts";

for (const bug of plantedBugs) {
  test(`${bug.name}: ${bug.what}`, async () => {
    const { after, violation } = await catchPlanted(bug);
    assert.ok(after !== undefined, violation);
  });
}

test.run();
