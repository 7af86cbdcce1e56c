// The SSZ types that every family builds on, with our branded values. Field names and order are the wire format.
import {
  BooleanType,
  ByteListType,
  ByteVectorType,
  type ByteViews,
  ListBasicType,
  ListCompositeType,
  type Type,
  UintBigintType,
  UintNumberType,
} from "@chainsafe/ssz";
import type { AccountId, AssetId, Bytes, Cell, Digest, Grains, NetworkId } from "../primitives/index.ts";

export const publicKeyBytes = 1952;
export const signatureBytes = 3309;

/** Refuses what a JavaScript number cannot hold exactly, instead of rounding it. */
class SafeUintType extends UintNumberType {
  override value_deserializeFromBytes(data: ByteViews, start: number, end: number): number {
    const value = super.value_deserializeFromBytes(data, start, end);
    if (!Number.isSafeInteger(value)) throw new Error("a count is below 2^53");
    return value;
  }
}

const bytes32 = new ByteVectorType(32);
const uint64Bigint = new UintBigintType(8);

/** The same SSZ type under the branded type of its values. */
const as = <T>(type: unknown): Type<T> => type as Type<T>;

export const digestType = as<Digest>(bytes32);
export const accountIdType = as<AccountId>(bytes32);
export const assetIdType = as<AssetId>(bytes32);
export const networkIdType = as<NetworkId>(bytes32);
export const grainsType = as<Grains>(uint64Bigint);
export const cellType = as<Cell>(uint64Bigint);

/** Heights, epochs, views, nonces, sequences, milliseconds: a 64-bit field whose value must stay below 2^53. */
export const uintType = as<number>(new SafeUintType(8));
export const uint8Type = new UintNumberType(1);
export const uint16Type = new UintNumberType(2);
export const uint32Type = new UintNumberType(4);
export const uint64Type = uint64Bigint;
export const weightType = new UintBigintType(16);
export const booleanType = new BooleanType();

export const publicKeyType = as<Bytes>(new ByteVectorType(publicKeyBytes));
export const signatureType = as<Bytes>(new ByteVectorType(signatureBytes));

/** A network prefix: 4 and three bytes of IPv4 and a zero, or 6 and four bytes of IPv6; all zero when unknown. */
export const prefixType = as<Bytes>(new ByteVectorType(5));

export const byteList = (limit: number): Type<Bytes> => as<Bytes>(new ByteListType(limit));
export const listOf = <T>(type: Type<T>, limit: number): Type<T[]> =>
  as<T[]>(
    (type as unknown as { isBasic: boolean }).isBasic
      ? new ListBasicType(type as never, limit)
      : new ListCompositeType(type as never, limit),
  );
/** None or one: a list of at most one, which costs four bytes when empty. */
export const optionalOf = <T>(type: Type<T>): Type<T[]> => listOf(type, 1);
