// "Check a certificate": a file dropped or chosen is judged in this browser. Tells valid from consistent but unanchored, and a
// refused one by its reason.
import { h, type JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { type CertificateVerdict, certifiedFacts, refusalText, verdictHead } from "../client/index.ts";
import { askVerdict, readCheckpoint, whatToDo } from "./ask-verdict.ts";
import { facts, panel } from "./panel.ts";

type Shown =
  | { readonly state: "checking"; readonly name: string }
  | { readonly state: "fault"; readonly text: string }
  | { readonly state: "judged"; readonly name: string; readonly verdict: CertificateVerdict; readonly ms: number };

const meaning = (verdict: CertificateVerdict): string => {
  if (verdict.outcome === "refused") return `${refusalText(verdict.reason)}.`;
  if (verdict.outcome === "unanchored") return whatToDo[verdict.reason];
  return "Every signature, every figure and the chain of committees hold, from what you trust to this reward.";
};

function shownResult(shown: Shown): JSX.Element {
  if (shown.state === "checking") return h("p", { class: "note" }, `Checking ${shown.name}.`);
  if (shown.state === "fault") return h("p", { class: "fault" }, shown.text);
  const { verdict, name, ms } = shown;
  return h(
    "div",
    { class: `verdict ${verdict.outcome}` },
    h("p", { class: "outcome" }, verdictHead(verdict)),
    h("p", null, meaning(verdict)),
    verdict.outcome === "refused" ? null : facts(certifiedFacts(verdict.reward)),
    h("p", { class: "note" }, `${name}, judged in ${(ms / 1000).toFixed(1)} s in this browser.`),
  );
}

async function judge(file: File, genesis: File | undefined, checkpointText: string): Promise<Shown> {
  const checkpoint = readCheckpoint(checkpointText);
  if (checkpoint === null) return { state: "fault", text: "A checkpoint is a block's digest: 64 hex digits." };
  const started = performance.now();
  const answer = await askVerdict({ file, genesis, checkpoint, nowMs: Date.now() });
  if ("fault" in answer) return { state: "fault", text: answer.fault };
  return { state: "judged", name: file.name, verdict: answer.verdict, ms: performance.now() - started };
}

/** A label with a file input in it. */
const fileInput = (id: string, label: string, onFile: (file: File | undefined) => void): JSX.Element =>
  h(
    "label",
    { class: "file" },
    h("span", null, label),
    h("input", {
      id,
      type: "file",
      onChange: (event: Event) => onFile((event.currentTarget as HTMLInputElement).files?.[0]),
    }),
  );

export function CertificatePanel(): JSX.Element {
  const [shown, setShown] = useState<Shown>();
  const [checkpoint, setCheckpoint] = useState("");
  const [isOver, setOver] = useState(false);
  const genesis = useRef<File>();
  const file = useRef<File>();
  const asked = useRef(0);
  const check = (): void => {
    if (file.current === undefined) {
      setShown({ state: "fault", text: "Choose a certificate first." });
      return;
    }
    const number = ++asked.current;
    setShown({ state: "checking", name: file.current.name });
    void judge(file.current, genesis.current, checkpoint)
      .catch((error: Error): Shown => ({ state: "fault", text: error.message }))
      .then((result) => {
        if (number === asked.current) setShown(result);
      });
  };
  const take = (given: File | undefined): void => {
    file.current = given;
    if (given !== undefined) check();
  };
  return panel(
    {
      id: "certificate",
      title: "Check a certificate",
      note: "The file is judged in this browser and goes nowhere. It rests on what you give: the genesis file or a checkpoint from someone you trust, and this machine's clock. This page itself came from the node, so to judge a node that you do not trust, open the page of one that you do, or run fairmesh verify.",
    },
    h(
      "div",
      {
        class: isOver ? "drop over" : "drop",
        onDragOver: (event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: (event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer?.files[0]);
        },
      },
      fileInput("certificate-file", "Drop a reward certificate here, or choose one", take),
    ),
    h(
      "div",
      { class: "controls" },
      fileInput("genesis-file", "Genesis file (genesis.json), optional", (given) => {
        genesis.current = given;
        if (file.current !== undefined) check();
      }),
      h(
        "label",
        null,
        h("span", null, "Checkpoint: the digest of a term's last block, optional"),
        h("input", {
          id: "checkpoint",
          type: "text",
          value: checkpoint,
          spellcheck: false,
          autocomplete: "off",
          onInput: (event: Event) => setCheckpoint((event.currentTarget as HTMLInputElement).value),
        }),
      ),
      h("button", { type: "button", onClick: check }, "Check"),
    ),
    h("div", { role: "status", "aria-live": "polite" }, shown === undefined ? null : shownResult(shown)),
  );
}
