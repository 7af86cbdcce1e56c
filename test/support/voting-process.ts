// The process that is killed: seat 3 on a real LevelDB and a real guard file in the folder given, its network the IPC channel of
// its parent. Started by kill-while-voting.ts; ends with its parent.
import { openGuard, openLevelStore } from "../../src/storage/index.ts";
import { Questions, seatTransport, type Wire } from "./seat-hub.ts";
import { seatAccounts, votingSeat } from "./voting-seat.ts";

const [folder = "", seatText = "", genesisText = ""] = process.argv.slice(2);
const seat = Number(seatText);
const own = seatAccounts[seat];
if (own === undefined || process.send === undefined) throw new Error("started without its arguments or its parent");
const post = (wire: Wire): void => void process.send?.(wire);
const questions = new Questions();

const { transport, endpoint } = seatTransport({
  tell: (to, protocol, bytes) => post({ kind: "tell", peer: to, protocol, bytes }),
  ask: (to, protocol, bytes) => questions.put((id) => post({ kind: "ask", id, peer: to, protocol, bytes })),
  peers: seatAccounts.filter((account) => account !== own),
});

process.on("message", (wire: Wire) => {
  if (wire.kind === "tell") endpoint.message(wire.protocol, wire.bytes, wire.peer);
  if (wire.kind === "answer") questions.settle(wire.id, wire.chunks);
  if (wire.kind === "ask") {
    endpoint.request(wire.protocol, wire.bytes, wire.peer).then(
      (chunks) => post({ kind: "answer", id: wire.id, chunks }),
      () => post({ kind: "answer", id: wire.id, chunks: undefined }),
    );
  }
});
process.on("disconnect", () => process.exit(0));

const driver = votingSeat({
  seat,
  store: await openLevelStore(`${folder}/database`),
  guard: await openGuard(`${folder}/guard`, own),
  transport,
  genesisMs: Number(genesisText),
  onCommit: () => post({ kind: "height", height: driver.status().height, observing: driver.status().observing }),
  onFailure: (error) => {
    console.error(error);
    process.exit(3);
  },
});
await driver.start();
