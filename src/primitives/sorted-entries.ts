// The one way to walk a Map or a Set in the core: in the order of its keys, so that every node does it alike.
type Key = string | number | bigint;

const compare = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0);

/** The entries of a Map by ascending key; keys of one Map are all of one type. */
export const sortedEntries = <K extends Key, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] =>
  Array.from(map).sort((a, b) => compare(a[0], b[0]));

/** The members of a Set in ascending order. */
export const sortedMembers = <K extends Key>(set: ReadonlySet<K>): readonly K[] => Array.from(set).sort(compare);
