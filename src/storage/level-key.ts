// How the database's one key space is divided: `<space> 0x00 <key>`, so that a space is a contiguous, ordered range.
// Names of spaces are short words chosen by their owners and listed in docs/LIMITS.md's keyspace table; `meta` is storage's own.
import { type Bytes, concatBytes, invariant, utf8ToBytes } from "../primitives/index.ts";

const spaceName = /^[a-z][a-z0-9-]{0,31}$/;
const prefixes = new Map<string, Bytes>();

/** Names are part of the code, so there are few; the limit only stops a caller that builds them from data. */
const spacesMax = 256;

/** The bytes that every key of `space` begins with. Throws for a name that is not a short lower-case word. */
function spacePrefix(space: string): Bytes {
  const known = prefixes.get(space);
  if (known !== undefined) return known;
  invariant(spaceName.test(space) && prefixes.size < spacesMax, "a space has a short lower-case name", { space });
  const prefix = utf8ToBytes(`${space}\0`);
  prefixes.set(space, prefix);
  return prefix;
}

export const levelKey = (space: string, key: Bytes): Bytes => concatBytes(spacePrefix(space), key);
