// What RPC says of itself, without a node: its reference and its OpenRPC document.
import { openRpcDocument, rpcMethods, rpcReference } from "../rpc/index.ts";

export const rpcReferenceText = (): string => rpcReference(rpcMethods);
export const openRpc = (version: string): object => openRpcDocument(rpcMethods, version);
