// One page in a real Chromium, driven over its DevTools protocol: opens an address, runs expressions, gives files to inputs, and
// keeps what the console said and every address that was asked for.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The browser's program; undefined where there is none. */
export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
/** Headless, without anything that a browser does on its own. */
export const chromiumFlags: readonly string[] = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-quic"],
];
const patienceMs = 60_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((settle, fail) => {
    let said = "";
    child.once("exit", () => fail(new Error(`the browser ended: ${said}`)));
    child.stderr?.on("data", (chunk) => {
      said += chunk;
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) settle(address);
    });
  });

export class BrowserPage {
  /** Errors and warnings of the console, uncaught exceptions, and what a policy or the network refused. */
  readonly complaints: string[] = [];
  /** Every address that the page asked for, WebSockets too. */
  readonly requested: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #session: string | undefined;
  #last = 0;

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data)) as Message));
  }

  static async open(): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), "fairmesh-browser-"));
    const own = ["--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
    const child = spawn(chromium as string, [...chromiumFlags, ...own], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const socket = new WebSocket(await addressOf(child));
    await new Promise((settle) => socket.addEventListener("open", settle, { once: true }));
    const page = new BrowserPage(child, profile, socket);
    const { targetId } = await page.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await page.send("Target.attachToTarget", { targetId, flatten: true });
    page.#session = String(sessionId);
    for (const domain of ["Runtime", "Log", "Network", "Page", "DOM"]) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#last;
    const answered = new Promise<Readonly<Record<string, unknown>>>((settle, fail) =>
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? settle(result ?? {}) : fail(new Error(`${method}: ${error.message}`)),
      ),
    );
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    return answered;
  }

  #hear({ id, method, params, ...rest }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ id, ...rest });
      this.#waiting.delete(id);
    } else if (method === "Network.requestWillBeSent") {
      this.requested.push((params as { readonly request: { readonly url: string } }).request.url);
    } else if (method === "Network.webSocketCreated") {
      this.requested.push(String(params?.url));
    } else if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") {
      this.complaints.push(JSON.stringify(params));
    } else if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(String(params?.type))) {
      this.complaints.push(JSON.stringify(params?.args));
    }
  }

  /** The value of an expression in the page, which may be a promise. */
  async value<T>(expression: string): Promise<T> {
    const given = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = given as {
      readonly result: { readonly value: T };
      readonly exceptionDetails?: unknown;
    };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** The first truthy value of an expression. Rejects with `what` when there is none for a minute. */
  async until<T>(what: string, expression: string): Promise<T> {
    for (const started = performance.now(); performance.now() - started < patienceMs; ) {
      const value = await this.value<T>(expression);
      if (value) return value;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`${what} did not come; the page: ${await this.value("document.body.innerText.slice(0, 3000)")}`);
  }

  async go(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** Chooses a file in an input, as a person does. */
  async choose(selector: string, file: string): Promise<void> {
    const { root } = (await this.send("DOM.getDocument")) as { readonly root: { readonly nodeId: number } };
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [file] });
  }

  async close(): Promise<void> {
    const ended = new Promise((settle) => this.#child.once("exit", settle));
    this.#child.kill("SIGKILL");
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
