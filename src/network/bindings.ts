// The binding handshake (I-3): which account stands behind which peer. Each side of a new connection sends its binding and
// checks the other's; one that is false ends the connection. What a peer says is trusted by its ML-DSA key alone, so
// nothing but this protocol listens to a peer without a binding. Made by network.ts.

import { publicKeyFromMultihash } from "@libp2p/crypto/keys";
import type { Connection, PeerId, PrivateKey, Stream } from "@libp2p/interface";
import { peerIdFromMultihash } from "@libp2p/peer-id";
import { lpStream } from "@libp2p/utils";
import * as Digest from "multiformats/hashes/digest";
import { accountIdOf, type Verifier } from "../crypto/index.ts";
import type { Log, Signer } from "../ports/index.ts";
import {
  type AccountId,
  type Bytes,
  equalBytes,
  err,
  keyOf,
  type NetworkId,
  ok,
  type Result,
} from "../primitives/index.ts";
import { bindingCodec, type SignedBinding, signedBindingCodec, signingRoot } from "../schema/index.ts";
import type { Host } from "./host.ts";
import { protocolName } from "./topics.ts";

export interface BindingView {
  /** The lowest sequence that the ledger still accepts of an account (`bindNode`); 0 for an unknown one. */
  seqMin(account: AccountId): number;
  epoch(): number;
}

export interface BindingParts {
  readonly host: Host;
  readonly networkId: NetworkId;
  readonly signer: Signer;
  readonly peerKey: PrivateKey;
  readonly verifier: Verifier;
  readonly view: BindingView;
  readonly log: Log;
  /** Grows whenever the node's peer key or addresses change: a clock in whole seconds does. */
  readonly seq: number;
}

interface Bound {
  readonly account: AccountId;
  readonly peer: PeerId;
  readonly publicKey: Bytes;
  readonly seq: number;
  readonly expiresEpoch: number;
}

export type BindingFault = "malformed" | "wrong-account" | "wrong-peer" | "stale" | "expired" | "bad-signature";

const handshakeMs = 5_000;
const boundMax = 10_000;
/** A binding made now lasts this long; peers ask again when it runs out. */
const bindingEpochs = 1_000_000;

/** Who is who among connected peers. */
export class Bindings {
  readonly #parts: BindingParts;
  readonly #protocol: string;
  readonly #byPeer = new Map<string, Bound>();
  readonly #byAccount = new Map<string, Bound>();
  readonly #waiting = new Map<string, ((bound: Bound | undefined) => void)[]>();
  readonly #seen = new Map<string, number>();
  #own: Bytes | undefined;
  #onBound: (account: AccountId) => void = () => {};

  constructor(parts: BindingParts) {
    this.#parts = parts;
    this.#protocol = protocolName(parts.networkId, "binding");
  }

  async start(): Promise<void> {
    const { host } = this.#parts;
    this.#own = await this.#makeOwn();
    await host.handle(this.#protocol, (stream, connection) => this.#exchange(stream, connection), {
      maxInboundStreams: 4,
      maxOutboundStreams: 4,
    });
    await host.register(this.#protocol, {
      onConnect: (peer, connection) => {
        if (connection.direction === "outbound" && !this.#byPeer.has(peer.toString())) void this.#open(connection);
      },
    });
    host.addEventListener("peer:disconnect", ({ detail }) => this.#forget(detail.toString()));
  }

  /** The account behind a peer, or undefined; waits for a handshake under way, up to its time limit. */
  async accountOf(peer: PeerId): Promise<AccountId | undefined> {
    const known = this.#byPeer.get(peer.toString());
    if (known !== undefined) return known.account;
    return (await this.#whenBound(peer.toString()))?.account;
  }

  /** The same without waiting. */
  boundAccount(peer: string): AccountId | undefined {
    return this.#byPeer.get(peer)?.account;
  }

  peerOf(account: AccountId): PeerId | undefined {
    return this.#byAccount.get(keyOf(account))?.peer;
  }

  accounts(): readonly AccountId[] {
    return [...this.#byAccount.values()].map((bound) => bound.account);
  }

  /** Calls `run` with each account that becomes reachable. */
  onBound(run: (account: AccountId) => void): void {
    this.#onBound = run;
  }

  async #makeOwn(): Promise<Bytes> {
    const { signer, peerKey, networkId, view, host, seq } = this.#parts;
    const binding = {
      accountId: signer.accountId,
      publicKey: signer.publicKey,
      peerId: host.peerId.toMultihash().bytes,
      seq,
      expiresEpoch: view.epoch() + bindingEpochs,
    };
    const root = signingRoot(bindingCodec.root(binding), networkId, "binding");
    return signedBindingCodec.encode({
      binding,
      accountSignature: await signer.sign(root, "binding"),
      peerSignature: await peerKey.sign(root),
    });
  }

  async #open(connection: Connection): Promise<void> {
    try {
      const stream = await connection.newStream(this.#protocol, { signal: AbortSignal.timeout(handshakeMs) });
      await this.#exchange(stream, connection);
    } catch (cause) {
      this.#parts.log.debug("no binding from a peer", { peer: connection.remotePeer.toString(), cause: String(cause) });
      this.#settle(connection.remotePeer.toString(), undefined);
    }
  }

  async #exchange(stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer;
    const signal = AbortSignal.timeout(handshakeMs);
    const frames = lpStream(stream, { maxDataLength: signedBindingCodec.sizeMax });
    await frames.write(this.#own as Bytes, { signal });
    const bytes = (await frames.read({ signal })).subarray();
    const checked = await this.#check(bytes, peer);
    if (!checked.ok) {
      this.#parts.log.warn("a peer's binding is false; disconnected", { peer: peer.toString(), fault: checked.error });
      this.#settle(peer.toString(), undefined);
      connection.abort(new Error(`binding: ${checked.error}`));
      return;
    }
    this.#remember(checked.value);
    await stream.close({ signal });
  }

  /** Cheap checks first, the two signatures last. */
  async #check(bytes: Bytes, peer: PeerId): Promise<Result<Bound, BindingFault>> {
    const decoded = signedBindingCodec.decode(bytes);
    if (!decoded.ok) return err("malformed");
    const { binding, accountSignature, peerSignature } = decoded.value as SignedBinding;
    const { accountId, publicKey, seq, expiresEpoch } = binding;
    if (!equalBytes(accountIdOf(publicKey), accountId)) return err("wrong-account");
    if (!equalBytes(binding.peerId, peer.toMultihash().bytes)) return err("wrong-peer");
    if (seq < Math.max(this.#parts.view.seqMin(accountId), this.#seen.get(keyOf(accountId)) ?? 0)) return err("stale");
    if (expiresEpoch < this.#parts.view.epoch()) return err("expired");
    const root = signingRoot(bindingCodec.root(binding), this.#parts.networkId, "binding");
    const peerPublicKey = peer.publicKey ?? publicKeyFromMultihash(Digest.decode(binding.peerId) as never);
    if (!(await peerPublicKey.verify(root, peerSignature))) return err("bad-signature");
    const check = { publicKey, root, purpose: "binding", signature: accountSignature } as const;
    if (!(await this.#parts.verifier.verify(check))) return err("bad-signature");
    return ok({ account: accountId, peer, publicKey, seq, expiresEpoch });
  }

  #remember(bound: Bound): void {
    if (this.#byPeer.size >= boundMax) return;
    const account = keyOf(bound.account);
    const before = this.#byAccount.get(account);
    // One account, one node: the newest binding stands.
    if (before !== undefined && before.seq > bound.seq) return;
    if (before !== undefined && !before.peer.equals(bound.peer)) this.#byPeer.delete(before.peer.toString());
    if (this.#seen.size >= boundMax) this.#seen.delete(this.#seen.keys().next().value as string);
    this.#seen.set(account, bound.seq);
    this.#byAccount.set(account, bound);
    this.#byPeer.set(bound.peer.toString(), bound);
    this.#settle(bound.peer.toString(), bound);
    this.#onBound(bound.account);
  }

  #forget(peer: string): void {
    const bound = this.#byPeer.get(peer);
    this.#byPeer.delete(peer);
    if (bound !== undefined && this.#byAccount.get(keyOf(bound.account)) === bound)
      this.#byAccount.delete(keyOf(bound.account));
    this.#settle(peer, undefined);
  }

  #whenBound(peer: string): Promise<Bound | undefined> {
    return new Promise((settle) => {
      const waiting = this.#waiting.get(peer) ?? [];
      this.#waiting.set(peer, [...waiting, settle]);
      setTimeout(() => settle(undefined), handshakeMs).unref();
    });
  }

  #settle(peer: string, bound: Bound | undefined): void {
    for (const settle of this.#waiting.get(peer) ?? []) settle(bound);
    this.#waiting.delete(peer);
  }
}

/** The peer that an account's record names, for dialling. */
export const peerIdFromBytes = (multihash: Bytes): PeerId => peerIdFromMultihash(Digest.decode(multihash) as never);
