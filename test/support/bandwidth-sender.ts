// A process that sends: `prover UNITS BYTES-A-SECOND` answers bandwidth audits, `plain BYTES` is a bare libp2p host. Says where it
// listens as a line of JSON; ends with its input. See bandwidth-line.ts.
import { startPlainSender, startProver } from "./bandwidth-line.ts";

const [role, first, second] = process.argv.slice(2) as [string, string, string | undefined];
const { at, stop } =
  role === "prover" ? await startProver(BigInt(first), Number(second)) : await startPlainSender(Number(first));
process.stdout.write(`${JSON.stringify({ at })}\n`);
process.stdin.on("end", () => void stop().then(() => process.exit(0))).resume();
