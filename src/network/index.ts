// The door of network: libp2p behind the Transport and Discovery ports. Never imported but by the composition root.
export type { BindingView } from "./bindings.ts";
export * from "./network.ts";
export * from "./options.ts";
export { openPeerDatastore, type PeerDatastore } from "./peer-datastore.ts";
export type { Ban, Offence } from "./standing.ts";
