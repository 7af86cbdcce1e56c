// Protobuf by hand, as much as attacks on gossipsub and the DHT need: fields with a number and bytes, text or a count.
import { type Bytes, concatBytes, utf8ToBytes } from "../../src/primitives/index.ts";

export function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

export function field(number: number, value: Bytes | string | number): Bytes {
  if (typeof value === "number") return concatBytes(varint(number * 8), varint(value));
  const bytes = typeof value === "string" ? utf8ToBytes(value) : value;
  return concatBytes(varint(number * 8 + 2), varint(bytes.length), bytes);
}

export const lengthPrefixed = (bytes: Bytes): Bytes => concatBytes(varint(bytes.length), bytes);

/** Parts of a gossipsub RPC. */
export const rpc = {
  subscribe: (topic: string, subscribe = true): Bytes =>
    field(1, concatBytes(field(1, subscribe ? 1 : 0), field(2, topic))),
  message: (topic: string, data: Bytes): Bytes => field(2, concatBytes(field(2, data), field(4, topic))),
  ihave: (topic: string, ids: readonly Bytes[]): Bytes =>
    field(3, field(1, concatBytes(field(1, topic), ...ids.map((id) => field(2, id))))),
  iwant: (ids: readonly Bytes[]): Bytes => field(3, field(2, concatBytes(...ids.map((id) => field(1, id))))),
  graft: (topic: string): Bytes => field(3, field(3, field(1, topic))),
};

/** Messages of the DHT. */
export const kad = {
  putValue: (key: Bytes, value: Bytes): Bytes => {
    const record = concatBytes(field(1, key), field(2, value));
    return concatBytes(field(1, 0), field(2, key), field(3, record), field(10, 0));
  },
  addProvider: (key: Bytes, peer: Bytes, address: Bytes): Bytes =>
    concatBytes(field(1, 2), field(2, key), field(9, concatBytes(field(1, peer), field(2, address))), field(10, 0)),
  getProviders: (key: Bytes): Bytes => concatBytes(field(1, 3), field(2, key), field(10, 0)),
};
