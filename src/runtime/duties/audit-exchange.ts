// One challenge between two nodes: the auditor's signed challenge, the answer in chunks as they are, an empty one that ends
// it, and the prover's signed response, which binds it to what it answered. Both sides of the exchange stand here.
import type { Verifier } from "../../crypto/index.ts";
import type { Signer, Transport } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  assetKinds,
  type Bytes,
  type Digest,
  equalBytes,
  FairmeshError,
  keyOf,
} from "../../primitives/index.ts";
import {
  type Challenge,
  challengeCodec,
  type Response,
  responseCodec,
  type SignedResponse,
  signedChallengeCodec,
  signedResponseCodec,
  signingRoot,
} from "../../schema/index.ts";
import type { Finding, Service } from "../../services/index.ts";
import type { DutyAsset, DutyView } from "./duty-view.ts";

export const auditProtocol = "audit";
const endOfAnswer = new Uint8Array();
/** An exchange that takes longer is broken off; each kind's own deadline is shorter. */
export const exchangeMs = 45_000;

export interface ExchangeParts {
  readonly view: DutyView;
  readonly transport: Transport;
  readonly signer: Signer;
  readonly verifier: Verifier;
  /** The service of a kind, if this node serves or audits it. */
  readonly service: (kind: string) => Service | undefined;
  /** Hears of each challenge that this node answered. */
  readonly onAnswered?: (epoch: number, asset: AssetId, responseRoot: Digest) => void;
}

export interface AuditRecord {
  readonly challenge: Challenge;
  /** False: there was no line to the prover, which knows nothing of the challenge. */
  readonly reached: boolean;
  readonly challengeSignature: Bytes;
  readonly finding: Finding;
  readonly response: SignedResponse | undefined;
}

/** Splits a prover's chunks into the answer and, when that has ended, the signed response. */
function splitAnswer(chunks: AsyncIterable<Bytes>): {
  readonly answer: AsyncIterable<Bytes>;
  readonly response: () => Promise<Bytes | undefined>;
  /** Nothing more is read: a prover whose answer was wrong goes on with it otherwise. */
  readonly end: () => Promise<void>;
} {
  const source = chunks[Symbol.asyncIterator]();
  let whole = false;
  const next = async (): Promise<Bytes | undefined> => {
    const { done, value } = await source.next();
    return done ? undefined : value;
  };
  /** The next chunk of the answer, until it is over. */
  const part = async (): Promise<Bytes | undefined> => {
    const chunk = await next();
    whole ||= chunk?.length === 0;
    return whole ? undefined : chunk;
  };
  async function* answer(): AsyncIterable<Bytes> {
    for (let chunk = await part(); chunk !== undefined; chunk = await part()) yield chunk;
  }
  /** Undefined too when the answer goes on after what its kind read of it. */
  const response = async (): Promise<Bytes | undefined> => {
    if (!whole) await part();
    return whole ? next() : undefined;
  };
  return { answer: answer(), response, end: async () => void (await source.return?.()) };
}

async function readResponse(
  parts: ExchangeParts,
  bytes: Bytes | undefined,
  expected: {
    readonly challengeRoot: Digest;
    readonly answerRoot: Digest;
    readonly prover: AccountId;
    readonly epoch: number;
  },
): Promise<SignedResponse | undefined> {
  const decoded = bytes === undefined ? undefined : signedResponseCodec.decode(bytes);
  if (decoded === undefined || !decoded.ok) return undefined;
  const { response, signature } = decoded.value;
  const publicKey = parts.view.publicKey(expected.prover, expected.epoch);
  const right =
    equalBytes(response.challengeRoot, expected.challengeRoot) &&
    equalBytes(response.answerRoot, expected.answerRoot) &&
    equalBytes(response.prover, expected.prover);
  if (!right || publicKey === undefined) return undefined;
  const root = signingRoot(responseCodec.root(response), parts.view.networkId, "response");
  return (await parts.verifier.verify({ publicKey, root, purpose: "response", signature })) ? decoded.value : undefined;
}

/** The auditor's side. Never rejects for what a prover did: that is a failed finding. */
export async function askProver(
  parts: ExchangeParts,
  challenge: Challenge,
  asset: DutyAsset,
  signal: AbortSignal,
): Promise<AuditRecord> {
  const { view, signer, transport } = parts;
  const service = parts.service(asset.kind);
  const challengeRoot = challengeCodec.root(challenge);
  const challengeSignature = await signer.sign(signingRoot(challengeRoot, view.networkId, "challenge"), "challenge");
  const failed = (fault: string, reached = true): AuditRecord => ({
    challenge,
    reached,
    challengeSignature,
    response: undefined,
    finding: { passed: false, measured: 0n, latencyMs: 0, answerRoot: challengeRoot, answer: new Uint8Array(), fault },
  });
  if (service === undefined) return failed(`this node cannot audit ${asset.kind}`);
  try {
    const request = signedChallengeCodec.encode({ challenge, signature: challengeSignature });
    const { answer, response, end } = splitAnswer(transport.request(asset.owner, auditProtocol, request, signal));
    try {
      const finding = await service.check({ challenge, asset }, answer);
      if (!finding.passed) return { ...failed(finding.fault ?? "failed"), finding };
      const expected = { challengeRoot, answerRoot: finding.answerRoot, prover: asset.owner, epoch: challenge.epoch };
      const signed = await readResponse(parts, await response(), expected);
      if (signed === undefined) return failed("the answer is not signed by its prover");
      return { challenge, reached: true, challengeSignature, finding, response: signed };
    } finally {
      await end();
    }
  } catch (cause) {
    if (!(cause instanceof FairmeshError)) return failed(String(cause));
    return failed(`${cause.code}: ${cause.message}`, cause.code !== "PEER_UNREACHABLE");
  }
}

/** Refuses a challenge that its sender has no right to make. */
async function checkChallenge(parts: ExchangeParts, bytes: Bytes, from: AccountId): Promise<[Challenge, DutyAsset]> {
  const { view } = parts;
  const refuse = (why: string): FairmeshError => new FairmeshError("CHALLENGE_REFUSED", why);
  const decoded = signedChallengeCodec.decode(bytes);
  if (!decoded.ok) throw refuse(decoded.error.detail);
  const { challenge, signature } = decoded.value;
  const asset = view.asset(challenge.assetId);
  if (asset === undefined || !equalBytes(asset.owner, parts.signer.accountId))
    throw refuse("not an asset of this node");
  if (!equalBytes(challenge.auditor, from)) throw refuse("not the sender's challenge");
  if (Math.abs(challenge.epoch - view.head().epoch) > 1) throw refuse("of another epoch");
  if (challenge.kind !== assetKinds.indexOf(asset.kind) || challenge.window >= view.parameters.windowsPerEpoch)
    throw refuse("no such window");
  if (!view.isAssigned(challenge.epoch, asset.id, from)) throw refuse("its sender was not drawn to audit this asset");
  const publicKey = view.publicKey(from, challenge.epoch);
  if (publicKey === undefined) throw refuse("an unknown auditor");
  const root = signingRoot(challengeCodec.root(challenge), view.networkId, "challenge");
  if (!(await parts.verifier.verify({ publicKey, root, purpose: "challenge", signature })))
    throw refuse("a wrong signature");
  return [challenge, asset];
}

/** Answers to one auditor about one asset in one window: one, and others should a crash or a cut line have cost the auditor it. */
const answersMax = 3;

/** How often each auditor was answered in an epoch and the one before: a drawn one must not take disk or line for itself. */
class AnswerCount {
  readonly #byEpoch = new Map<number, Map<string, number>>();

  /** Whether there may be one more; it is counted. */
  take({ epoch, assetId, auditor, window }: Challenge): boolean {
    const counts = this.#byEpoch.get(epoch) ?? new Map<string, number>();
    this.#byEpoch.set(epoch, counts);
    for (const known of this.#byEpoch.keys()) if (Math.abs(known - epoch) > 2) this.#byEpoch.delete(known);
    const key = `${keyOf(assetId)} ${keyOf(auditor)} ${window}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count < answersMax;
  }
}

/** The prover's side: serves challenges until the node stops. */
export function serveAudits(parts: ExchangeParts): void {
  const { transport, signer, view } = parts;
  const answers = new AnswerCount();
  transport.onRequest(auditProtocol, async function* (bytes, from, signal) {
    const [challenge, asset] = await checkChallenge(parts, bytes, from);
    const service = parts.service(asset.kind);
    if (service === undefined) throw new FairmeshError("CHALLENGE_REFUSED", `this node does not serve ${asset.kind}`);
    if (!answers.take(challenge))
      throw new FairmeshError("CHALLENGE_REFUSED", `its sender had ${answersMax} answers in this window`);
    const question = { challenge, asset };
    let last: Bytes = new Uint8Array();
    for await (const chunk of service.answer(question, signal)) {
      last = chunk;
      yield chunk;
    }
    yield endOfAnswer;
    const response: Response = {
      challengeRoot: challengeCodec.root(challenge),
      prover: signer.accountId,
      answerRoot: service.answerRoot(question, last),
    };
    const responseRoot = responseCodec.root(response);
    const root = signingRoot(responseRoot, view.networkId, "response");
    parts.onAnswered?.(challenge.epoch, asset.id, responseRoot);
    yield signedResponseCodec.encode({ response, signature: await signer.sign(root, "response") });
  });
}
