// Watching a node: each function calls back as things happen and answers what ends it.
import { ClientError } from "./client-error.ts";
import type { Client } from "./create-client.ts";
import type { Topics } from "./methods.ts";

export interface WatchOptions<T extends keyof Topics> {
  /** `height` is where it happened: watch again from there to go on later. */
  readonly onEvent: (item: Topics[T], height: number) => void;
  /** There will be no more events, and why. */
  readonly onError?: (error: Error) => void;
  /** What happened from this height on comes first. */
  readonly fromHeight?: number;
}

function watch<T extends keyof Topics>(
  { transport }: Client,
  topic: T,
  { onEvent, onError = () => {}, fromHeight, owner }: WatchOptions<T> & { readonly owner?: string | undefined },
): () => void {
  if (transport.subscribe === undefined) {
    throw new ClientError("UNSUPPORTED", "watching needs a client whose transport is webSocket()");
  }
  return transport.subscribe(
    { topic, fromHeight, owner },
    ({ item, height }) => onEvent(item as Topics[T], height),
    onError,
  );
}

/** Final blocks. */
export const watchHeads = (client: Client, options: WatchOptions<"heads">): (() => void) =>
  watch(client, "heads", options);
/** Settled epochs. */
export const watchEpochs = (client: Client, options: WatchOptions<"epochs">): (() => void) =>
  watch(client, "epochs", options);
/** Rewards as they are settled; of one `owner`'s assets where it is given. */
export const watchRewards = (
  client: Client,
  options: WatchOptions<"rewards"> & { readonly owner?: string },
): (() => void) => watch(client, "rewards", options);
/** Advertisements as they are taken. */
export const watchCapacity = (client: Client, options: WatchOptions<"capacity">): (() => void) =>
  watch(client, "capacity", options);
/** Alerts of the node as they are raised and end. */
export const watchAlerts = (client: Client, options: WatchOptions<"alerts">): (() => void) =>
  watch(client, "alerts", options);
