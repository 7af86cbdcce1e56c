// The frames of consensus on direct streams (S-8): one tag byte, then the message. Made and read by runtime/driver only.
// A frame is at most `frameBytesMax` long; what is inside is decoded canonically and is not verified by being decoded.
import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { type Bytes, concatBytes, err, ok, type Result } from "../primitives/index.ts";
import { byteList, digestType, uint8Type, uintType } from "./basic.ts";
import { type Codec, codec, type DecodeError } from "./codec.ts";
import {
  blockBytesMax,
  type Certificate,
  certificateCodec,
  type Proposal,
  proposalType,
  type Vote,
  voteCodec,
} from "./consensus.ts";

/** A proposal with the bytes of its block; without them (empty) when the block was proposed before (S-10). */
const proposedType = new ContainerType({ proposal: proposalType, body: byteList(blockBytesMax) });
const proposedCodec = codec("proposed block", proposedType);

/** Bodies of `digest` and its ancestors, newest first, down to but without height `knownHeight`. */
const bodyRequestType = new ContainerType({ digest: digestType, knownHeight: uintType, countMax: uint8Type });
export type BodyRequest = ValueOf<typeof bodyRequestType>;
export const bodyRequestCodec = codec("body request", bodyRequestType);

export type ConsensusMessage =
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  | { readonly kind: "proposal"; readonly proposal: Proposal; readonly body: Bytes };

export const frameBytesMax = 1 + proposedCodec.sizeMax;

const frame = <T>(tag: number, codecOf: Codec<T>, value: T): Bytes =>
  concatBytes(Uint8Array.of(tag), codecOf.encode(value));

export function encodeConsensusMessage(message: ConsensusMessage): Bytes {
  switch (message.kind) {
    case "vote":
      return frame(0, voteCodec, message.vote);
    case "certificate":
      return frame(1, certificateCodec, message.certificate);
    case "proposal":
      return frame(2, proposedCodec, { proposal: message.proposal, body: message.body });
  }
}

/** The message in a frame; fails for an unknown tag and for whatever its codec refuses. */
export function decodeConsensusMessage(bytes: Bytes): Result<ConsensusMessage, DecodeError> {
  if (bytes.length > frameBytesMax)
    return err({ code: "too-long", detail: `a frame has at most ${frameBytesMax} bytes` });
  const inner = bytes.subarray(1);
  if (bytes[0] === 0) {
    const vote = voteCodec.decode(inner);
    return vote.ok ? ok({ kind: "vote", vote: vote.value }) : vote;
  }
  if (bytes[0] === 1) {
    const certificate = certificateCodec.decode(inner);
    return certificate.ok ? ok({ kind: "certificate", certificate: certificate.value }) : certificate;
  }
  if (bytes[0] === 2) {
    const proposed = proposedCodec.decode(inner);
    return proposed.ok ? ok({ kind: "proposal", ...proposed.value }) : proposed;
  }
  return err({ code: "malformed", detail: "a frame begins with 0, 1 or 2" });
}
