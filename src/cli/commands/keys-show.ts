// fairmesh keys show: whose key file this is and how its guard stands, without the password.
import type { Command } from "commander";
import { guardFacts, shownAddress } from "../../node/offline.ts";
import { type CommonOptions, print, setup, withConfig } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withConfig(command).action(async (options: CommonOptions) => {
    const { folder } = setup(options, terminal);
    const address = await shownAddress(folder.operatorKey);
    const guard = await guardFacts(folder.guard, address);
    const reason = guard.reason === undefined ? "" : `: ${guard.reason}`;
    print(terminal, options, {
      data: { address, file: folder.operatorKey, guard },
      text: () => `Address   ${address}\nKey file  ${folder.operatorKey}\nGuard     ${guard.state}${reason}`,
    });
  });
}
