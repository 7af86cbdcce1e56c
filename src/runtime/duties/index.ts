// The door of duties: what an operator's node does every epoch without being asked.
export * from "./asset-keeper.ts";
export * from "./audit-exchange.ts";
export * from "./chain-keeper.ts";
export * from "./duties.ts";
export * from "./duty-view.ts";
