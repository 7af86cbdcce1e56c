// fairmesh rewards list: the reward table of an epoch, the last settled one unless another is named.
import type { Command } from "commander";
import { type Client, listAll, type Reward } from "../../client/index.ts";
import { FairmeshError, formatCount, formatFair } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { epochOf } from "../read-arguments.ts";
import { shortId, table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends NodeOptions {
  readonly epoch?: string;
  readonly mine?: boolean;
}

/** The epoch that is named, or the last that is settled: an epoch is settled at the end of the next. */
export async function settledEpoch(client: Client, named: string | undefined): Promise<number> {
  if (named !== undefined) return epochOf(named);
  const { epoch } = await client.request("node_status");
  const history = await client.request("concentration_history", { fromEpoch: Math.max(0, epoch - 2), limit: 3 });
  const last = history.at(-1);
  if (last === undefined) throw new FairmeshError("NOT_SETTLED", "no epoch is settled yet");
  return last.epoch;
}

const rewardTable = (rewards: readonly Reward[]): string =>
  table(
    ["asset", "reward", "of it from the reserve", "owner"],
    rewards.map((each) => [
      each.assetId,
      formatFair(BigInt(each.reward)),
      formatFair(BigInt(each.coverage)),
      shortId(each.owner),
    ]),
  );

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .option("-e, --epoch <number>", "an epoch (default: the last settled one)")
    .option("--mine", "this node's assets only")
    .action((options: Options) =>
      onNode({ options, terminal }, async ({ client }) => {
        const epoch = await settledEpoch(client, options.epoch);
        const { account } = await client.request("node_identity");
        const rewards: Reward[] = [];
        for await (const reward of listAll(client, "reward_list", { epoch, limit: 500 })) {
          if (options.mine !== true || reward.owner === account) rewards.push(reward);
        }
        const sum = rewards.reduce((total, { reward }) => total + BigInt(reward), 0n);
        print(terminal, options, {
          data: { epoch, rewards },
          text: () =>
            [
              `Epoch ${epoch}: ${formatFair(sum)} to ${formatCount(rewards.length, "asset")}`,
              ...(rewards.length === 0 ? ["An asset can earn from the second epoch after its registration."] : []),
              ...(rewards.length === 0 ? [] : [rewardTable(rewards)]),
            ].join("\n"),
        });
      }),
    );
}
