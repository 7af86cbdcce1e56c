// fairmesh doctor: what is good, doubtful or bad about this machine and its data folder; fails when something is bad.
import type { Command } from "commander";
import pc from "picocolors";
import { examine, type Finding } from "../../node/offline.ts";
import { FairmeshError } from "../../primitives/index.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

function line({ name, status, detail }: Finding, color: boolean): string {
  const colors = pc.createColors(color);
  const mark = { good: colors.green("good"), warn: colors.yellow("warn"), bad: colors.red("bad ") }[status];
  return `${mark}  ${name.padEnd(9)} ${detail}`;
}

export function define(command: Command, terminal: Terminal): void {
  withConfig(command).action(async (options: CommonOptions) => {
    const { folder } = setup(options, terminal);
    const findings = await examine(folder);
    const bad = findings.filter(({ status }) => status === "bad");
    print(terminal, options, {
      data: { healthy: bad.length === 0, dataDir: folder.root, findings },
      text: () => findings.map((one) => line(one, terminal.color)).join("\n"),
    });
    if (bad.length > 0)
      throw new FairmeshError("UNHEALTHY", `${bad.map(({ name }) => name).join(", ")} must be mended first`);
  });
}
