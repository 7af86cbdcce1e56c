// One node of a local network as a process of its own: started like any operator starts it, with its log in a file.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient, http } from "../../src/client/index.ts";
import { devnetPassword, type NodePlan } from "./make-network.ts";

const suffix = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const program = fileURLToPath(new URL(`../../bin/fairmesh${suffix}`, import.meta.url));
const stopMs = 10_000;
const askMs = 3_000;
const tailBytes = 2_000;

export class NodeProcess {
  readonly plan: NodePlan;
  readonly logFile: string;
  /** Asks the node what anyone may ask it; one try a call. */
  readonly client: Client;
  #child: ChildProcess | undefined;
  #exit: number | string | undefined;

  readonly #password: string;

  constructor(plan: NodePlan, password = devnetPassword) {
    this.plan = plan;
    this.#password = password;
    this.logFile = join(plan.folder.root, "node.log");
    this.client = createClient({ transport: http(plan.rpcUrl, { timeoutMs: askMs }), retries: 0 });
  }

  start(): void {
    const log = openSync(this.logFile, "a");
    this.#exit = undefined;
    this.#child = spawn(process.execPath, [program, "start", "--data-dir", this.plan.folder.root], {
      stdio: ["ignore", log, log],
      env: { ...process.env, FAIRMESH_KEYS_PASSWORD: this.#password },
    });
    closeSync(log);
    this.#child.once("exit", (code, signal) => {
      this.#exit = signal ?? code ?? 0;
    });
  }

  get running(): boolean {
    return this.#child !== undefined && this.#exit === undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How it ended, if it did: an exit code or a signal. */
  get exit(): number | string | undefined {
    return this.#exit;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.#child?.kill(signal);
  }

  /** Asks the node to end and waits; ends it by force when it does not within ten seconds. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const ended = new Promise<void>((settle) => child.once("exit", () => settle()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(timer);
  }

  /** The end of its log, for a message about what went wrong. */
  logTail(): string {
    return readFileSync(this.logFile, "utf8").slice(-tailBytes);
  }
}
