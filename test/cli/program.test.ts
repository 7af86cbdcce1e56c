// The command line in-process: exit codes, help, suggestions, JSON, keys with their guard, configuration.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandTable } from "../../src/cli/command-table.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { runCommand } from "../../src/cli/index.ts";
import { renderGenesis } from "../../src/config/index.ts";
import { FairmeshError, InvariantError } from "../../src/primitives/index.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";
import { TestChain } from "../support/test-chain.ts";

const root = mkdtempSync(join(tmpdir(), "fairmesh-cli-"));
test.after(() => rmSync(root, { recursive: true }));
const passwordFile = join(root, "password");
writeFileSync(passwordFile, "long enough password\n");

let count = 0;
const freshFolder = (): string => join(root, `data-${++count}`);

async function run(words: string, options: Parameters<typeof fakeTerminal>[0] = {}) {
  const terminal = fakeTerminal(options);
  const code = await runCommand(words === "" ? [] : words.split(" "), terminal);
  return { code, ...terminal.written };
}

test("help and version are no failures; wrong words are, with a suggestion and exit code 2", async () => {
  const help = await run("--help");
  assert.is(help.code, 0);
  assert.match(help.out, "keys");
  assert.is((await run("")).code, 0);
  assert.match((await run("help keys new")).out, "--password-file");
  const version = await run("--version");
  assert.equal([version.code, /^\d+\.\d+\.\d+\n$/.test(version.out)], [0, true]);
  const wrong = await run("kyes new");
  assert.equal([wrong.code, wrong.out], [2, ""]);
  assert.match(wrong.note, "Did you mean keys?");
  assert.match((await run("keys nwe")).note, "Did you mean new?");
  const option = await run("config view --jsn");
  assert.equal([option.code, option.note.includes("--json")], [2, true]);
  assert.is((await run("keys")).code, 2);
  assert.is((await run("config get")).code, 2);
  assert.is((await run("config view extra")).code, 2);
});

test("every command's file loads, and its help tells its options", async () => {
  for (const { words, summary } of commandTable) {
    const { code, out } = await run(`${words} --help`);
    assert.is(code, 0, words);
    assert.match(out, summary);
  }
});

test("exit codes say whether a restart may help", () => {
  assert.is(exitCodeOf(new FairmeshError("STORE_LOCKED", "")), 1);
  assert.is(exitCodeOf(new FairmeshError("VOLUME_FULL", "")), 1);
  assert.is(exitCodeOf(new FairmeshError("STORE_DAMAGED", "")), 2);
  assert.is(exitCodeOf(new FairmeshError("KEYSTORE_PASSWORD", "")), 2);
  assert.is(exitCodeOf(new InvariantError("", {})), 2);
  assert.is(exitCodeOf(new Error("")), 1);
});

test("a key is made with its guard, shown, exported, and recovered from its words to the same address", async () => {
  const [first, second] = [freshFolder(), freshFolder()];
  const made = await run(`keys new --json -d ${first} --password-file ${passwordFile}`);
  assert.is(made.code, 0, made.note);
  const key = JSON.parse(made.out);
  assert.is(key.words, undefined, "words are not printed where nobody asked for them");
  assert.ok(existsSync(join(first, "guard")));
  const shown = JSON.parse((await run(`keys show --json -d ${first}`)).out);
  assert.equal([shown.address, shown.guard.state], [key.address, "sound"]);
  const exported = await run(`keys export -d ${first} --password-file ${passwordFile}`);
  assert.is(exported.out.trim().split(" ").length, 24);
  const open = JSON.parse((await run(`keys export --public --json -d ${first} --password-file ${passwordFile}`)).out);
  assert.equal([open.address, open.peerId, open.publicKey.length], [key.address, key.peerId, 3904]);

  const recover = `keys recover --json --words-file - -d ${second} --password-file ${passwordFile}`;
  const recovered = await run(recover, { input: exported.out });
  assert.is(recovered.code, 0, recovered.note);
  const again = JSON.parse(recovered.out);
  assert.equal([again.address, again.peerId, again.guard], [key.address, key.peerId, "none"]);
  assert.match(again.note, "observes");
  assert.not(existsSync(join(second, "guard")));
  const text = (await run(`keys show -d ${second}`)).out;
  assert.match(text, "damaged: the guard is missing");
});

test("no key is overwritten, and a guard without its key stops a new one", async () => {
  const folder = freshFolder();
  const make = `keys new -d ${folder} --password-file ${passwordFile}`;
  await run(make);
  const before = readFileSync(join(folder, "keys", "operator.json"), "utf8");
  const again = await run(make);
  assert.equal([again.code, again.note.includes("GUARD_EXISTS")], [2, true]);
  rmSync(join(folder, "guard"), { recursive: true });
  assert.match((await run(make)).note, "KEYSTORE_EXISTS");
  assert.is(readFileSync(join(folder, "keys", "operator.json"), "utf8"), before);
});

test("a damaged key file and a wrong password are refused by name", async () => {
  const folder = freshFolder();
  await run(`keys new -d ${folder} --password-file ${passwordFile}`);
  const wrong = await run(`keys export -d ${folder}`, { environment: { FAIRMESH_KEYS_PASSWORD: "another password" } });
  assert.equal([wrong.code, wrong.out, wrong.note.includes("KEYSTORE_PASSWORD")], [2, "", true]);
  const file = join(folder, "keys", "operator.json");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.slice(0, 200));
  const cut = await run(`keys show --json -d ${folder}`);
  assert.is(JSON.parse(cut.note).error.code, "KEYSTORE_TRUNCATED");
  writeFileSync(file, text.replace('"address": "fair1', '"address": "fair2'));
  assert.match((await run(`keys show -d ${folder}`)).note, "KEYSTORE_TAMPERED");
});

test("passwords are asked for at a terminal only, twice for a new key, and not too short", async () => {
  const folder = freshFolder();
  const asked = await run(`keys new -d ${folder}`, { answers: ["a long password", "a long password"] });
  assert.is(asked.code, 0, asked.note);
  assert.match(asked.out, "24 words");
  assert.is((await run(`keys export -d ${folder}`, { answers: ["a long password"] })).code, 0);
  assert.match(
    (await run(`keys new -d ${freshFolder()}`, { answers: ["one password", "other password"] })).note,
    "differ",
  );
  assert.match((await run(`keys new -d ${freshFolder()}`, { answers: ["short", "short"] })).note, "PASSWORD_WEAK");
  const nobody = await run(`keys new -d ${freshFolder()}`);
  assert.equal([nobody.code, nobody.note.includes("PASSWORD_MISSING")], [2, true]);
  const words = await run(`keys recover -d ${freshFolder()} --words-file - --password-file ${passwordFile}`, {
    input: "a b c",
  });
  assert.equal([words.code, words.note.includes("WORDS_WRONG")], [2, true]);
});

test("settings are set, read back, told apart from defaults, and taken out again", async () => {
  const folder = freshFolder();
  assert.is((await run(`config set rpc.port 4800 -d ${folder}`)).code, 0);
  assert.is((await run(`config get rpc.port -d ${folder}`)).out, "4800\n");
  const got = JSON.parse((await run(`config get rpc.port --json -d ${folder}`)).out);
  assert.equal([got.value, got.fallback, got.origin], [4800, 4710, `${join(folder, "config.yaml")}:4`]);
  assert.match((await run(`config diff -d ${folder}`)).out, "rpc.port");
  assert.is((await run(`config get rpc.port -d ${folder} --set rpc.port=1`)).out, "1\n");
  assert.is((await run(`config get rpc.port -d ${folder}`, { environment: { FAIRMESH_RPC_PORT: "2" } })).out, "2\n");
  assert.is((await run(`config set rpc.port --unset -d ${folder}`)).code, 0);
  assert.is((await run(`config get rpc.port -d ${folder}`)).out, "4710\n");
  assert.is((await run(`config validate -d ${folder}`)).code, 0);
  const wrong = await run(`config set rpc.port 99999 --json -d ${folder}`);
  assert.equal([wrong.code, JSON.parse(wrong.note).error.code], [2, "CONFIG_INVALID"]);
  writeFileSync(join(folder, "config.yaml"), "version: 1\nrpc:\n  prot: 1\n");
  assert.match((await run(`config validate -d ${folder}`)).note, "config.yaml:3: rpc.prot");
});

test("init changes nothing of a folder that is in use, and nothing before there is a password", async () => {
  const genesis = async (name: string): Promise<string> => {
    const file = join(root, `${name}.json`);
    writeFileSync(file, renderGenesis((await TestChain.create({ name })).genesis));
    return file;
  };
  const [own, other] = [await genesis("one"), await genesis("other")];
  const folder = freshFolder();
  assert.match((await run(`init -d ${folder} --genesis ${own}`)).note, "PASSWORD_MISSING");
  assert.not(existsSync(folder));
  const password = ` --password-file ${passwordFile}`;
  const made = await run(`init -d ${folder} --genesis ${own} --rpc-port 4800${password}`);
  assert.is(made.code, 0, made.note);
  const files = () => ["genesis.json", "config.yaml"].map((name) => readFileSync(join(folder, name), "utf8"));
  const before = files();
  for (const file of [own, other]) {
    const again = await run(`init -d ${folder} --genesis ${file} --rpc-port 4900${password}`);
    assert.equal([again.code, again.note.includes("FOLDER_TAKEN")], [2, true]);
  }
  for (const gone of ["keys", "guard"]) rmSync(join(folder, gone), { recursive: true });
  const foreign = await run(`init -d ${folder} --genesis ${other} --rpc-port 4900${password}`);
  assert.equal([foreign.code, foreign.note.includes("is of another network")], [2, true]);
  assert.equal(files(), before);
});

test("a restore that fails leaves no database behind", async () => {
  const folder = freshFolder();
  const damaged = join(root, "damaged.backup");
  writeFileSync(damaged, "not a backup");
  for (const file of [damaged, join(root, "nothing.backup")]) {
    const failed = await run(`restore ${file} -d ${folder}`);
    assert.match(failed.note, /BACKUP_(DAMAGED|FAILED)/);
    assert.equal([existsSync(join(folder, "db")), existsSync(join(folder, "db.sentinel"))], [false, false]);
  }
});

test("what makes no sense is refused in words, before anything is begun", async () => {
  const folder = freshFolder();
  await run(`config set rpc.port 4800 -d ${folder}`);
  for (const [words, said] of [
    ["help nothing", "unknown command 'nothing'"],
    [`tokens new -d ${folder}-none`, "there is no data folder"],
    [`start -d ${folder}-none`, "there is no data folder"],
    [`status -d ${folder}-none`, "there is no data folder"],
    [`config set rpc.port many -d ${folder}`, "rpc.port: a number is expected"],
    [`config set rpc.port 99999 -d ${folder}`, "rpc.port: 65535 is the most"],
    [`config set node.sync fast -d ${folder}`, "node.sync: state or blocks is expected"],
    [`assets register --storage 100 -d ${folder}`, "a sector of this network"],
    [`assets register --at 52.5,13.4,3 -d ${folder}`, "--at takes degrees"],
    [`capacity find storage -d ${folder}`, "say where"],
    [`capacity find storage --at 52.5 -d ${folder}`, "--at takes degrees"],
    [`capacity find storage --at 52.5,13.4 --resolution 2.5 -d ${folder}`, "--resolution takes a whole number"],
    [`capacity find storage --at 52.5,13.4 --limit many -d ${folder}`, "--limit takes a whole number"],
  ] as const) {
    const { code, note } = await run(words);
    assert.equal([code, note.includes(said)], [2, true], `${words}: ${note}`);
  }
  assert.not(existsSync(`${folder}-none`));
});

test("secrets are never shown", async () => {
  const environment = { FAIRMESH_KEYS_PASSWORD: "do-not-print-me" };
  const view = await run(`config view -d ${freshFolder()}`, { environment });
  assert.match(view.out, "(given)");
  assert.not(view.out.includes("do-not-print-me"));
  assert.is((await run(`config get keys.password -d ${freshFolder()}`, { environment })).code, 2);
});

test("doctor names the verifier in use and its measured speed", async () => {
  const { code, out, note } = await run(`doctor --json -d ${freshFolder()}`);
  assert.is(code, 0, note);
  const { findings } = JSON.parse(out) as { findings: { name: string; figures?: Record<string, number | string> }[] };
  const verifier = findings.find(({ name }) => name === "verifier")?.figures;
  assert.is(verifier?.verifier, "native");
  assert.ok(Number(verifier?.signaturesPerSecond) > 50);
  assert.equal(
    findings.map(({ name }) => name),
    ["runtime", "verifier", "disk", "limits", "memory", "key"],
  );
});

test.run();
