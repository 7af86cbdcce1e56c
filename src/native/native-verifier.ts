// Verifies ML-DSA-65 by OpenSSL on libuv's thread pool, beside the event loop. The pool is shared with the disk, so only a
// few checks are handed over at a time and a synced write never waits behind a thousand signatures.
// Keys are imported once and kept, the least recently used dropped first. How many callers wait is the caller's to bound.
import { type KeyObject, verify as verifySignature } from "node:crypto";
import {
  type MessageCheck,
  mlDsaPublicKeyBytes,
  mlDsaSignatureBytes,
  signingContext,
  type Verifier,
} from "../crypto/index.ts";
import { type Bytes, FairmeshError, invariant, isUint } from "../primitives/index.ts";
import { importPublicKey } from "./ml-dsa-key.ts";

export interface NativeVerifierOptions {
  /** Imported keys kept: about 15 KB each. */
  readonly keysMax?: number;
  /** Checks handed to the thread pool at a time: 64 keep it busy (32 do not quite), and delay a disk write by about 5 ms. */
  readonly inFlightMax?: number;
}

export interface NativeVerifier extends Verifier {
  /** As `verify`, for any message and context: for the vectors of FIPS 204. */
  verifyMessage(check: MessageCheck): Promise<boolean>;
  /** Keys held now, for metrics and tests. */
  keysHeld(): number;
  /** Waiting checks reject with `VERIFIER_CLOSED`, and so do later ones. */
  close(): void;
}

/** The first bytes of a key, which are random (rho): keys that share them on purpose only push one another out. */
const cacheName = (key: Bytes): string => Buffer.from(key.buffer, key.byteOffset, 16).toString("latin1");

function createKeyCache(keysMax: number) {
  const keys = new Map<string, { readonly publicKey: Bytes; readonly key: KeyObject }>();
  return {
    size: (): number => keys.size,
    get(publicKey: Bytes): KeyObject {
      const name = cacheName(publicKey);
      const known = keys.get(name);
      if (known !== undefined) keys.delete(name);
      const entry =
        known !== undefined && Buffer.compare(known.publicKey, publicKey) === 0
          ? known
          : { publicKey: publicKey.slice(), key: importPublicKey(publicKey) };
      if (keys.size >= keysMax) keys.delete(keys.keys().next().value as string);
      keys.set(name, entry);
      return entry.key;
    },
  };
}

interface Waiting {
  readonly check: MessageCheck;
  readonly resolve: (right: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/** A Verifier by node:crypto; `hasNativeMlDsa()` must be true. First come, first served. */
export function createNativeVerifier({ keysMax = 1024, inFlightMax = 64 }: NativeVerifierOptions = {}): NativeVerifier {
  invariant(isUint(keysMax) && keysMax > 0 && isUint(inFlightMax) && inFlightMax > 0, "limits are positive");
  const keys = createKeyCache(keysMax);
  let waiting: Waiting[] = [];
  let taken = 0;
  let inFlight = 0;
  let closed = false;

  const start = ({ check, resolve, reject }: Waiting): void => {
    inFlight += 1;
    const key = { key: keys.get(check.publicKey), context: check.context };
    verifySignature(null, check.message, key as never, check.signature, (error, right) => {
      inFlight -= 1;
      if (error === null) resolve(right);
      else reject(error);
      next();
    });
  };
  const next = (): void => {
    while (inFlight < inFlightMax && taken < waiting.length) start(waiting[taken++] as Waiting);
    if (taken > 1024 || taken === waiting.length) {
      waiting = waiting.slice(taken);
      taken = 0;
    }
  };
  const closedError = () => new FairmeshError("VERIFIER_CLOSED", "the verifier was closed");

  const verifyMessage = (check: MessageCheck): Promise<boolean> => {
    if (closed) return Promise.reject(closedError());
    const { publicKey, signature, context } = check;
    if (publicKey.length !== mlDsaPublicKeyBytes || signature.length !== mlDsaSignatureBytes || context.length > 255) {
      return Promise.resolve(false);
    }
    return new Promise((resolve, reject) => {
      waiting.push({ check, resolve, reject });
      if (inFlight < inFlightMax) next();
    });
  };

  return {
    name: "native",
    keysHeld: keys.size,
    verifyMessage,
    verify: ({ publicKey, root, purpose, signature }) =>
      verifyMessage({ publicKey, message: root, context: signingContext(purpose), signature }),
    close() {
      closed = true;
      const dropped = waiting.slice(taken);
      waiting = [];
      taken = 0;
      for (const { reject } of dropped) reject(closedError());
    },
  };
}
