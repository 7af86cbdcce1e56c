// The test files under a folder, in a fixed order.
import { glob } from "node:fs/promises";

/** Files named *.test.ts under `root` (and *.slow.ts when `slow`) whose path holds one of `filters`, if there are any. */
export async function findTests(root: string, filters: readonly string[], slow: boolean): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of glob(slow ? `${root}/**/*.{test,slow}.ts` : `${root}/**/*.test.ts`)) {
    const fixture = file.includes("fixtures/") && !root.includes("fixtures");
    if (!fixture && (filters.length === 0 || filters.some((filter) => file.includes(filter)))) found.push(file);
  }
  return found.sort();
}
