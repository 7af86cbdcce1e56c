// Every stored value carries a CRC-32 over its key and itself: LevelDB gives back a flipped bit in a table without an error,
// and a value under the wrong key would be as bad. Four bytes before each value.
import { crc32 } from "node:zlib";
import { type Bytes, concatBytes, FairmeshError, toHex } from "../primitives/index.ts";

const crcBytes = 4;

const checksum = (key: Bytes, value: Bytes): number => crc32(value, crc32(key));

export function sealValue(key: Bytes, value: Bytes): Bytes {
  const crc = new Uint8Array(crcBytes);
  new DataView(crc.buffer).setUint32(0, checksum(key, value));
  return concatBytes(crc, value);
}

/** The value in `stored`; throws `STORE_DAMAGED` when it is not what was written under `key`. */
export function openValue(key: Bytes, stored: Bytes): Bytes {
  if (stored.length >= crcBytes) {
    const value = Uint8Array.from(stored.subarray(crcBytes));
    const crc = new DataView(stored.buffer, stored.byteOffset).getUint32(0);
    if (crc === checksum(key, value)) return value;
  }
  throw new FairmeshError("STORE_DAMAGED", "a stored value is not what was written: the database is damaged", {
    fields: { key: toHex(key) },
  });
}
