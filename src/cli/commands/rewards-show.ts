// fairmesh rewards show: what an epoch settled to, and how evenly it was shared.
import type { Command } from "commander";
import type { Concentration } from "../../client/index.ts";
import { assetKinds, formatFair } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { facts, percent, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";
import { settledEpoch } from "./rewards-list.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
}

const rowOf = (name: string, of: Concentration): readonly (string | number)[] => [
  name,
  percent(of.giniPpm),
  percent(of.herfindahlPpm),
  percent(of.topSharePpm),
  of.nakamotoThird,
  of.nakamotoHalf,
];

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .option("-e, --epoch <number>", "an epoch (default: the last settled one)")
    .action((options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const epoch = await settledEpoch(client, options.epoch);
        const record = await client.request("reward_getEpoch", { epoch });
        const even = await client.request("concentration_get", { epoch });
        const money = (amount: string): string => formatFair(BigInt(amount));
        print(terminal, options, {
          data: record,
          text: () =>
            [
              facts([
                ["Epoch", epoch],
                ["Emitted", money(record.emission)],
                ...record.kinds
                  .filter(({ budget }) => budget !== "0")
                  .map(
                    ({ kind, paid, budget, coveragePaid, reserve }) =>
                      [
                        `  ${assetKinds[kind]}`,
                        `${money(paid)} of ${money(budget)} paid, ${money(coveragePaid)} from the reserve, ${money(reserve)} left in it`,
                      ] as const,
                  ),
                ["  auditors", money(record.auditPay)],
                ["  committee", money(record.committeePay)],
                ["  treasury", money(record.treasury)],
                ["Rewards", `${record.rewardsCount}, root ${record.rewardsRoot}`],
              ]),
              "",
              table(
                ["concentration of", "Gini", "Herfindahl", "top share", "Nakamoto 1/3", "Nakamoto 1/2"],
                [
                  rowOf("rewards by operator", even.rewardsByOperator),
                  rowOf("rewards by group", even.rewardsByGroup),
                  rowOf("bonds by operator", even.bondsByOperator),
                  rowOf("bonds by group", even.bondsByGroup),
                ],
              ),
            ].join("\n"),
        });
      }),
    );
}
