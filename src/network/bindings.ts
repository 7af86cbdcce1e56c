// The binding handshake (I-3): which account stands behind which peer. Each side of a new connection sends its binding and
// checks the other's; one that is false ends the connection and bans the peer. What a peer says is trusted by its ML-DSA key
// alone, so nothing but this protocol listens to a peer without a binding. A binding ends by itself: each node makes a new one
// in time, or when its addresses change, and tells everyone connected. Made by network.ts.

import type { Connection, PeerId, PrivateKey, Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { sha256, type Verifier } from "../crypto/index.ts";
import type { Log, Signer } from "../ports/index.ts";
import { type AccountId, type Bytes, equalBytes, keyOf, type NetworkId } from "../primitives/index.ts";
import { bindingCodec, signedBindingCodec, signingRoot } from "../schema/index.ts";
import { type BindingFault, type Bound, checkBinding, isKeyOf } from "./check-binding.ts";
import type { Host } from "./host.ts";
import { protocolName } from "./protocols.ts";
import type { Offence } from "./standing.ts";

export interface BindingView {
  /** The lowest sequence that the ledger still accepts of an account (`bindNode`); 0 for an unknown one. */
  seqMin(account: AccountId): number;
  /** Ids of the keys that the ledger has for an account, in force or about to be (I-7); none for an unknown one. */
  keyIds(account: AccountId): readonly Bytes[];
  /** Of the last final block here. */
  epoch(): number;
  /** The latest epoch that the network can be in by now; later than `epoch` on a node that is behind. */
  latestEpoch(): number;
  /** Whether a key may be in force that the ledger here does not have yet: then one that it lacks is no lie. */
  mayLackKeys(): boolean;
}

export interface BindingParts {
  readonly host: Host;
  readonly networkId: NetworkId;
  readonly signer: Signer;
  readonly peerKey: PrivateKey;
  readonly verifier: Verifier;
  readonly view: BindingView;
  readonly log: Log;
  /** Above every sequence that this account ever used: a clock in whole seconds is, or what the ledger says plus one. */
  readonly seq: number;
  readonly onOffence: (peer: string, offence: Offence, detail?: string) => void;
}

const handshakeMs = 5_000;
const boundMax = 10_000;
/** A binding lasts so many epochs; its maker replaces it when half of them have passed. */
const bindingEpochs = 128;
/** Handshakes of one connection at once: a new one may cross an old one. */
const streamsMax = 4;

const offenceOf = (fault: BindingFault): Offence =>
  fault === "stale" || fault === "expired" ? "stale-binding" : "false-binding";

/** Who is who among connected peers. */
export class Bindings {
  readonly #parts: BindingParts;
  readonly #protocol: string;
  readonly #byPeer = new Map<string, Bound>();
  readonly #byAccount = new Map<string, Bound>();
  readonly #waiting = new Map<string, Set<(bound: Bound | undefined) => void>>();
  /** The highest sequence seen of an account, and the hash of what was verified: that needs no second verification. */
  readonly #seen = new Map<string, { readonly seq: number; readonly hash: string; readonly bound: Bound }>();
  #seq: number;
  #addresses: string | undefined;
  #own: { readonly bytes: Bytes; readonly madeEpoch: number; readonly publicKey: Bytes } | undefined;
  #onBound: (account: AccountId) => void = () => {};

  constructor(parts: BindingParts) {
    this.#parts = parts;
    this.#seq = parts.seq;
    this.#protocol = protocolName(parts.networkId, "binding");
  }

  async start(): Promise<void> {
    const { host } = this.#parts;
    await this.#makeOwn();
    await host.handle(this.#protocol, (stream, connection) => this.#exchange(stream, connection), {
      maxInboundStreams: streamsMax,
      maxOutboundStreams: streamsMax,
      runOnLimitedConnection: true,
    });
    await host.register(this.#protocol, {
      notifyOnLimitedConnection: true,
      onConnect: (peer, connection) => {
        if (connection.direction === "outbound" && !this.#byPeer.has(peer.toString())) void this.open(connection);
      },
    });
    host.addEventListener("peer:disconnect", ({ detail }) => this.#forget(detail.toString()));
  }

  /** The account behind a peer, or undefined; waits for a handshake under way, up to its time limit. */
  async accountOf(peer: PeerId): Promise<AccountId | undefined> {
    return this.boundAccount(peer.toString()) ?? (await this.#whenBound(peer.toString()))?.account;
  }

  /** The same without waiting. */
  boundAccount(peer: string): AccountId | undefined {
    return this.#byPeer.get(peer)?.account;
  }

  peerOf(account: AccountId): PeerId | undefined {
    return this.#byAccount.get(keyOf(account))?.peer;
  }

  /** The peer of an account, connected or gone: what it did is held against it in either case. */
  lastPeerOf(account: AccountId): PeerId | undefined {
    return this.peerOf(account) ?? this.#seen.get(keyOf(account))?.bound.peer;
  }

  accounts(): readonly AccountId[] {
    return [...this.#byAccount.values()].map((bound) => bound.account);
  }

  /** Calls `run` with each account that becomes reachable. */
  onBound(run: (account: AccountId) => void): void {
    this.#onBound = run;
  }

  /** Makes a new binding and tells it to everyone connected: after a change of addresses or of the key in force. */
  async renew(): Promise<void> {
    await this.#makeOwn();
    await Promise.all(this.#parts.host.getConnections().map((connection) => this.open(connection)));
  }

  /** Renews ours when half its life has passed or our addresses or key changed; asks anew whose ran out. */
  async tick(): Promise<void> {
    const { view, host, signer } = this.#parts;
    const addresses = host.getMultiaddrs().join(" ");
    const moved = this.#addresses !== undefined && this.#addresses !== addresses;
    this.#addresses = addresses;
    const own = this.#own;
    const old = own !== undefined && view.latestEpoch() >= own.madeEpoch + bindingEpochs / 2;
    const rotated = own !== undefined && !equalBytes(own.publicKey, signer.publicKey);
    if (old || moved || rotated) return this.renew();
    if (!view.mayLackKeys()) this.#judgeAgain();
    const over = [...this.#byPeer.values()].filter(({ expiresEpoch }) => expiresEpoch < view.epoch());
    for (const { peer } of over) {
      this.#forget(peer.toString());
      for (const connection of host.getConnections(peer)) await this.open(connection);
    }
  }

  /** Who was taken for what the ledger did not say yet: now it says all. */
  #judgeAgain(): void {
    const { view, host, onOffence } = this.#parts;
    for (const bound of [...this.#byPeer.values()].filter(({ proved }) => !proved)) {
      if (isKeyOf(bound.keyId, bound.account, view.keyIds(bound.account))) {
        const proved = { ...bound, proved: true };
        this.#byPeer.set(bound.peer.toString(), proved);
        this.#byAccount.set(keyOf(bound.account), proved);
        continue;
      }
      this.#forget(bound.peer.toString());
      onOffence(bound.peer.toString(), "false-binding", "wrong-account");
      for (const connection of host.getConnections(bound.peer)) connection.abort(new Error("binding: wrong-account"));
    }
  }

  async #makeOwn(): Promise<void> {
    const { signer, peerKey, networkId, view, host } = this.#parts;
    const madeEpoch = view.latestEpoch();
    const binding = {
      accountId: signer.accountId,
      publicKey: signer.publicKey,
      peerId: host.peerId.toMultihash().bytes,
      seq: this.#seq,
      expiresEpoch: madeEpoch + bindingEpochs,
    };
    this.#seq += 1;
    const root = signingRoot(bindingCodec.root(binding), networkId, "binding");
    const [accountSignature, peerSignature] = [await signer.sign(root, "binding"), await peerKey.sign(root)];
    const bytes = signedBindingCodec.encode({ binding, accountSignature, peerSignature });
    this.#own = { bytes, madeEpoch, publicKey: binding.publicKey };
  }

  /** Shows our binding on a connection and asks for the other. Never rejects. */
  async open(connection: Connection): Promise<void> {
    try {
      const signal = AbortSignal.timeout(handshakeMs);
      const stream = await connection.newStream(this.#protocol, { signal, runOnLimitedConnection: true });
      await this.#exchange(stream, connection);
    } catch (cause) {
      this.#parts.log.debug("no binding from a peer", { peer: connection.remotePeer.toString(), cause: String(cause) });
      this.#settle(connection.remotePeer.toString(), undefined);
    }
  }

  async #exchange(stream: Stream, connection: Connection): Promise<void> {
    const { log, onOffence } = this.#parts;
    const peer = connection.remotePeer;
    const signal = AbortSignal.timeout(handshakeMs);
    const frames = lpStream(stream, {
      maxDataLength: signedBindingCodec.sizeMax,
      maxBufferSize: 2 * signedBindingCodec.sizeMax,
    });
    try {
      await frames.write((this.#own as { readonly bytes: Bytes }).bytes, { signal });
      const bytes = (await frames.read({ signal })).subarray();
      const checked = await this.#check(bytes, peer);
      if (checked.ok) {
        const kept = this.#remember(checked.value, keyOf(sha256(bytes)));
        await stream.close({ signal });
        if (!kept) connection.abort(new Error("binding: the account is another peer's"));
        return;
      }
      const fault = checked.error;
      // An old one that crossed a new one on its way.
      if (fault === "stale" && this.#byPeer.has(peer.toString())) return await stream.close({ signal });
      log.warn("a peer's binding is false; disconnected", { peer: peer.toString(), fault });
      this.#settle(peer.toString(), undefined);
      onOffence(peer.toString(), offenceOf(fault), fault);
      connection.abort(new Error(`binding: ${fault}`));
    } catch (cause) {
      stream.abort(cause instanceof Error ? cause : new Error(String(cause)));
      throw cause;
    }
  }

  async #check(bytes: Bytes, peer: PeerId) {
    const { networkId, verifier, view } = this.#parts;
    const known = (account: AccountId) => this.#seen.get(keyOf(account));
    return checkBinding(bytes, {
      peer,
      networkId,
      verifier,
      epoch: view.epoch(),
      mayLackKeys: view.mayLackKeys(),
      keyIds: (account) => view.keyIds(account),
      seqMin: (account) => Math.max(view.seqMin(account), known(account)?.seq ?? 0),
      verified: (account, hash) => (known(account)?.hash === hash ? known(account)?.bound : undefined),
    });
  }

  /** False when the account stays another peer's: one that is not proved takes it from nobody. */
  #remember(bound: Bound, hash: string): boolean {
    const peer = bound.peer.toString();
    const account = keyOf(bound.account);
    const before = this.#byAccount.get(account);
    const taken = !bound.proved && before !== undefined && !before.peer.equals(bound.peer);
    if (taken || (this.#byPeer.size >= boundMax && !this.#byPeer.has(peer))) {
      this.#settle(peer, undefined);
      return !taken;
    }
    // One account, one node: the newest binding stands, and another peer that had it before has to go.
    if (before !== undefined && !before.peer.equals(bound.peer)) this.#moved(before);
    // What is not proved says nothing of the sequences to come.
    if (bound.proved) {
      this.#seen.delete(account);
      this.#seen.set(account, { seq: bound.seq, hash, bound });
    }
    if (this.#seen.size > boundMax) this.#seen.delete(this.#seen.keys().next().value as string);
    this.#byAccount.set(account, bound);
    this.#byPeer.set(peer, bound);
    this.#settle(peer, bound);
    this.#onBound(bound.account);
    return true;
  }

  #moved(before: Bound): void {
    const { host, log } = this.#parts;
    const peer = before.peer.toString();
    log.info("an account is bound to another peer now; the one before is disconnected", { peer });
    this.#byPeer.delete(peer);
    for (const connection of host.getConnections(before.peer)) connection.abort(new Error("binding: replaced"));
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
      const waiting = this.#waiting.get(peer) ?? new Set();
      this.#waiting.set(peer, waiting);
      const timer = setTimeout(() => done(undefined), handshakeMs).unref();
      const done = (bound: Bound | undefined): void => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(peer) === waiting) this.#waiting.delete(peer);
        settle(bound);
      };
      waiting.add(done);
    });
  }

  #settle(peer: string, bound: Bound | undefined): void {
    for (const settle of this.#waiting.get(peer) ?? []) settle(bound);
  }
}
