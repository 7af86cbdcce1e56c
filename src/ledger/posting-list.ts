// What a settled epoch changes on the ledger, as a list: one posting, and the root that an epoch record commits to.
// Made by settlement, carried out a few a block by posting.ts.
import { sha256 } from "../crypto/index.ts";
import { type AccountId, type Digest, grains, zeroDigest } from "../primitives/index.ts";
import { type Posting, postingCodec } from "../schema/index.ts";

/** A posting that changes nothing but what `rest` says. */
export const posting = (space: number, key: Digest, rest: Partial<Posting> = {}): Posting => ({
  space,
  key,
  amount: grains(0n),
  to: zeroDigest as Uint8Array as AccountId,
  slashPpm: 0,
  samplePpm: 0,
  sampled: false,
  measured: 0n,
  supply: 0n,
  group: 0,
  kind: 0,
  ...rest,
});

const postingsPage = 1024;

/** H over the pages' digests, each H over 1,024 encoded postings: cheap enough to make while they are listed. */
export function* rootOfPostings(postings: Iterable<Posting>, into: Posting[], cost: number): Generator<number, Digest> {
  let pages = zeroDigest;
  let page: Uint8Array[] = [];
  for (const one of postings) {
    into.push(one);
    page.push(postingCodec.encode(one));
    if (page.length === postingsPage) {
      pages = sha256(pages, ...page);
      page = [];
    }
    yield cost;
  }
  return sha256(pages, ...page);
}

/** The root of a list that is at hand whole. */
export function postingsRoot(postings: readonly Posting[]): Digest {
  const steps = rootOfPostings(postings, [], 1);
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}
