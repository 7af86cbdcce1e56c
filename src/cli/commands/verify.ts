// fairmesh verify: says whether a reward certificate proves its reward, offline. Exit code 0 when it is valid, 1 when it is
// consistent but nobody trusted vouches for its first committee (a checkpoint may mend that), 2 when it is refused.
import type { Command } from "commander";
import { certifiedFacts, refusalText, verdictHead } from "../../client/index.ts";
import { verifyCertificateFile } from "../../node/offline.ts";
import { digest, FairmeshError, formatAddress, fromHex, toHex } from "../../primitives/index.ts";
import { type CommonOptions, print, withExamples, withJson } from "../command.ts";
import { facts } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

interface VerifyOptions extends CommonOptions {
  readonly checkpoint?: string;
  readonly genesis?: string;
}
type Verdict = Awaited<ReturnType<typeof verifyCertificateFile>>;

function checkpointOf(text: string | undefined) {
  if (text === undefined) return undefined;
  if (!/^(0x)?[0-9a-f]{64}$/.test(text))
    throw new FairmeshError("USAGE", "--checkpoint takes a block's digest: 64 hex digits");
  return digest(fromHex(text));
}

const whatToDo = {
  "checkpoint-none":
    "give --checkpoint with the digest of a term's last block that you got from someone you trust, or --genesis for a certificate fetched --from genesis",
  "checkpoint-absent": "the pinned block is not in this certificate: ask the node for one that begins there",
  "checkpoint-old":
    "the pinned block is older than the trusting period: pin a younger one and ask for a new certificate",
  "genesis-old":
    "the chain begins at genesis, longer ago than the trusting period: ask for one from a younger checkpoint",
} as const;

function dataOf(verdict: Verdict) {
  if (verdict.outcome === "refused") return verdict;
  const { reward, ...rest } = verdict;
  return {
    ...rest,
    networkId: toHex(reward.networkId),
    epoch: reward.epoch,
    asset: toHex(reward.assetId),
    owner: formatAddress(reward.owner),
    beneficiary: formatAddress(reward.beneficiary),
    reward: reward.reward,
    coverage: reward.coverage,
    term: reward.term,
    signatures: reward.signatures,
    points: reward.points.map(toHex),
  };
}

const textOf = (verdict: Verdict): string =>
  verdict.outcome === "refused"
    ? verdictHead(verdict)
    : `${verdictHead(verdict)}\n${facts(certifiedFacts(verdict.reward))}`;

export function define(command: Command, terminal: Terminal): void {
  withExamples(
    withJson(command),
    "verify reward.cert --genesis genesis.json",
    "verify reward.cert --genesis genesis.json --checkpoint DIGEST",
  )
    .argument("<file>", "a reward certificate")
    .option("--checkpoint <digest>", "digest of a term's last block that you trust")
    .option("--genesis <file>", "genesis file of the network that you mean")
    .addHelpText("after", "\nExit codes: 0 valid, 1 consistent but unanchored, 2 refused.")
    .action(async (file: string, options: VerifyOptions) => {
      const checkpoint = checkpointOf(options.checkpoint);
      const verdict = await verifyCertificateFile(file, {
        genesisFile: options.genesis,
        checkpoint,
        nowMs: Date.now(),
      });
      print(terminal, options, { data: dataOf(verdict), text: () => textOf(verdict) });
      if (verdict.outcome === "unanchored")
        throw new FairmeshError("UNANCHORED", whatToDo[verdict.reason], { fields: { reason: verdict.reason } });
      if (verdict.outcome === "refused")
        throw new FairmeshError("CERTIFICATE_REFUSED", refusalText(verdict.reason), {
          fields: { reason: verdict.reason },
        });
    });
}
