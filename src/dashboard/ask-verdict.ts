// Has a worker judge a reward certificate, and says in words what its verdict means and what to do.
import type { CertificateVerdict, UnanchoredReason } from "../client/index.ts";

export interface CertificateQuestion {
  readonly file: File;
  readonly genesis: File | undefined;
  readonly checkpoint: Uint8Array<ArrayBuffer> | undefined;
  readonly nowMs: number;
}

export type CertificateAnswer = { readonly verdict: CertificateVerdict } | { readonly fault: string };

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const workerUrl = new URL("certificate-worker.js", import.meta.url).href;
let trustedUrl: string | undefined;

/** The one script that the page makes by its address: its policy knows no other. */
function scriptUrl(): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  trustedUrl ??=
    trustedTypes?.createPolicy("fairmesh", { createScriptURL: () => workerUrl }).createScriptURL(workerUrl) ??
    workerUrl;
  return trustedUrl;
}

/** One worker a question: it ends with the answer. */
export function askVerdict(question: CertificateQuestion): Promise<CertificateAnswer> {
  return new Promise((settle) => {
    const worker = new Worker(scriptUrl(), { type: "module" });
    const end = (answer: CertificateAnswer): void => {
      worker.terminate();
      settle(answer);
    };
    worker.addEventListener("message", ({ data }: MessageEvent<CertificateAnswer>) => end(data));
    worker.addEventListener("error", () => end({ fault: "the check could not run in this browser" }));
    worker.postMessage(question);
  });
}

/** What would anchor a certificate that nothing is wrong with. */
export const whatToDo: Readonly<Record<UnanchoredReason, string>> = {
  "checkpoint-none":
    "Nothing is wrong with it, but nobody you trust vouches for its first committee: give the genesis file (for a certificate from genesis on) or a checkpoint.",
  "checkpoint-absent": "The pinned block is not in this certificate: save one that begins there.",
  "checkpoint-old": "The pinned block is older than the trusting period: pin a younger one and save a new certificate.",
  "genesis-old":
    "It begins at genesis, longer ago than the trusting period, whose keys could be in anyone's hands by now: pin a younger checkpoint.",
};

/** 64 hex digits, with or without 0x, as bytes; undefined for an empty text; a text that is wrong is refused by `null`. */
export function readCheckpoint(text: string): Uint8Array<ArrayBuffer> | undefined | null {
  const digits = text.trim().replace(/^0x/, "");
  if (digits === "") return undefined;
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
