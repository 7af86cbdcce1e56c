// Bytes to values and back: the only way in and out of SSZ for the rest of the project.
// Decoding never throws and accepts only the one canonical encoding of a value (section 0).
import type { Type, ValueOf } from "@chainsafe/ssz";
import { type Bytes, type Digest, digest, equalBytes, err, ok, type Result } from "../primitives/index.ts";

export type DecodeError = { readonly code: "too-long" | "malformed" | "not-canonical"; readonly detail: string };

export interface Codec<T> {
  readonly name: string;
  /** No encoding of this type is longer; longer input is refused before it is looked at. */
  readonly sizeMax: number;
  /** The value whose every field is zero or empty. */
  empty(): T;
  encode(value: T): Bytes;
  decode(bytes: Bytes): Result<T, DecodeError>;
  /** SSZ hash_tree_root. */
  root(value: T): Digest;
}

/** The codec of an SSZ type; `sizeMax` narrows what the type's own list limits would allow. */
export function codec<S extends Type<unknown>>(name: string, type: S, sizeMax = type.maxSize): Codec<ValueOf<S>> {
  type T = ValueOf<S>;
  // Without lists there are no offsets: every field has its place, and one value has one encoding by construction.
  const oneEncoding = type.fixedSize !== null;
  return {
    name,
    sizeMax,
    empty: () => type.defaultValue() as T,
    encode: (value) => type.serialize(value),
    decode(bytes) {
      if (bytes.length > sizeMax) {
        return err({ code: "too-long", detail: `${name} has at most ${sizeMax} bytes, not ${bytes.length}` });
      }
      let value: T;
      try {
        value = type.deserialize(bytes) as T;
      } catch (error) {
        return err({ code: "malformed", detail: `${name}: ${error instanceof Error ? error.message : String(error)}` });
      }
      if (!oneEncoding && !equalBytes(type.serialize(value), bytes)) {
        return err({ code: "not-canonical", detail: `${name} is not in its canonical encoding` });
      }
      return ok(value);
    },
    root: (value) => digest(type.hashTreeRoot(value)),
  };
}
