// What commands that talk to a running node share: where it answers, the token that opens it, keys that sign here and not
// there, and a client's failures in the command line's words.
import type { Command } from "commander";
import {
  type Client,
  ClientError,
  createClient,
  http,
  sendTransaction,
  type TransactionStatus,
  waitForTransaction,
} from "../client/index.ts";
import { accessToken, hasTokenSecret, openOperatorKey, type Scope } from "../node/offline.ts";
import { FairmeshError, formatAddress } from "../primitives/index.ts";
import type { TransactionBody } from "../schema/index.ts";
import { type CommonOptions, print, requireFolder, type Setup, setup, withConfig } from "./command.ts";
import { type PasswordOptions, readPassword } from "./password.ts";
import type { Terminal } from "./terminal.ts";

export interface NodeOptions extends CommonOptions {
  readonly rpc?: string;
}
export interface SigningOptions extends NodeOptions, PasswordOptions {
  readonly key?: string;
  readonly wait?: boolean;
}

/** Adds --rpc to the options of a data folder. */
export const withNode = (command: Command): Command =>
  withConfig(command).option("--rpc <url>", "address of the node (default: as this data folder's configuration says)");

/** Adds what is needed to sign. */
export const withSigning = (command: Command): Command =>
  withNode(command)
    .option("--key <file>", "key file that signs (default: the data folder's operator key)")
    .option("--password-file <file>", "holds that key's password")
    .option("--no-wait", "do not wait until the transaction is final");

const tokenSeconds = 300;

/** The signing key's address and its signer. */
async function openSigner(options: SigningOptions, found: Setup, terminal: Terminal) {
  const password = await readPassword(options, found.config, terminal);
  return (await openOperatorKey(options.key ?? found.folder.operatorKey, password)).keys;
}

function translated(error: unknown, url: string): unknown {
  if (!(error instanceof ClientError)) return error;
  const { code, reason, rpcCode } = error;
  if (code === "TRANSPORT_FAILED" || code === "TIMED_OUT") {
    return new FairmeshError("NODE_UNREACHABLE", `no node answers at ${url}: start one, or name another with --rpc`, {
      cause: error,
    });
  }
  if (rpcCode === -32_002) {
    return new FairmeshError("NODE_REFUSED", `${error.shortMessage}; run this beside the node's data folder (-d)`, {
      cause: error,
    });
  }
  return new FairmeshError("NODE_ERROR", error.shortMessage, { fields: { reason }, cause: error });
}

export interface NodeAccess extends Setup {
  readonly url: string;
  readonly client: Client;
}

/** Runs `work` with a client of the node; a token for `scopes` is made where this data folder can make one. */
export async function onNode<T>(
  {
    options,
    terminal,
    scopes = [],
    ...timeout
  }: {
    readonly options: NodeOptions;
    readonly terminal: Terminal;
    readonly scopes?: readonly Scope[];
    /** For one answer; the client's own when absent. */
    readonly timeoutMs?: number;
  },
  work: (access: NodeAccess) => Promise<T>,
): Promise<T> {
  const found = setup(options, terminal);
  if (options.dataDir !== undefined && options.rpc === undefined) requireFolder(found);
  const { config, folder } = found;
  const url = options.rpc ?? `http://${config.rpc.host}:${config.rpc.port}`;
  const token = hasTokenSecret(config, folder)
    ? await accessToken(config, folder, ["read", ...scopes], tokenSeconds)
    : "";
  const client = createClient({ transport: http(url, token === "" ? timeout : { ...timeout, token }) });
  try {
    return await work({ ...found, url, client });
  } catch (error) {
    throw translated(error, url);
  } finally {
    client.close();
  }
}

export interface Sending {
  readonly options: SigningOptions;
  readonly terminal: Terminal;
  /** What to send, once it is known who signs. */
  readonly body: (
    access: NodeAccess & { readonly keys: Awaited<ReturnType<typeof openSigner>> },
  ) => Promise<TransactionBody>;
}

/** Signs here, submits there, waits until it is final, and prints what became of it. */
export const send = ({ options, terminal, body }: Sending): Promise<void> =>
  onNode({ options, terminal, scopes: ["write"] }, async (access) => {
    const keys = await openSigner(options, access, terminal);
    const made = await body({ ...access, keys });
    const sent = await sendTransaction(access.client, { signer: keys.signer, body: made });
    if (options.wait !== false) terminal.note(`sent ${sent.id}; waiting until it is final\n`);
    const status: TransactionStatus =
      options.wait === false ? { id: sent.id, status: "waiting" } : await waitForTransaction(access.client, sent);
    print(terminal, options, {
      data: { ...status, kind: made.kind, sender: formatAddress(keys.signer.accountId) },
      text: () =>
        status.status === "final"
          ? `${made.kind} is final in block ${status.height}`
          : `${made.kind} waits: ${sent.id}`,
    });
  });
