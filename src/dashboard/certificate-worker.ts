// Judges a reward certificate beside the page: up to thousands of ML-DSA signatures, at a few milliseconds each, would hold the page
// up. Has no network and asks the node nothing: the file, what its reader trusts and the reader's clock are all there is.
import "./no-eval.ts";

import { verifyRewardCertificate } from "../client/index.ts";
import { genesisFileBytesMax, parseGenesis } from "../config/genesis-file.ts";
import { createPortableVerifier } from "../crypto/index.ts";
import { digest } from "../primitives/index.ts";
import { rewardCertificateBytesMax } from "../schema/index.ts";
import type { CertificateAnswer, CertificateQuestion } from "./ask-verdict.ts";

function refuseLarge({ name, size }: File, bytesMax: number): void {
  if (size > bytesMax) throw new Error(`${name} has ${size} bytes, more than ${bytesMax}`);
}

async function answer({ file, genesis, checkpoint, nowMs }: CertificateQuestion): Promise<CertificateAnswer> {
  try {
    refuseLarge(file, rewardCertificateBytesMax);
    if (genesis !== undefined) refuseLarge(genesis, genesisFileBytesMax);
    const trust = {
      verifier: createPortableVerifier(),
      nowMs,
      genesis: genesis === undefined ? undefined : parseGenesis(await genesis.text()),
      checkpoint: checkpoint === undefined ? undefined : digest(checkpoint),
    };
    return { verdict: await verifyRewardCertificate(new Uint8Array(await file.arrayBuffer()), trust) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

self.addEventListener("message", ({ data }: MessageEvent<CertificateQuestion>) => {
  void answer(data).then((given) => self.postMessage(given));
});
