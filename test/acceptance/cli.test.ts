// The command as a user starts it: data on stdout, the rest on stderr, exit codes, and a Node that is too old.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const bin = new URL("../../bin/fairmesh.js", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "fairmesh-bin-"));
test.after(() => rmSync(root, { recursive: true }));

const run = (words: readonly string[], node = process.execPath) => {
  const { status, stdout, stderr } = spawnSync(node, [bin, ...words], {
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", HOME: root, XDG_DATA_HOME: root },
  });
  return { status, stdout, stderr };
};

test("version and help on stdout, exit 0", () => {
  const { status, stdout, stderr } = run(["--version"]);
  assert.equal([status, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match(run([]).stdout, "Usage: fairmesh");
});

test("a failure says why on stderr and leaves stdout empty", () => {
  const { status, stdout, stderr } = run(["keys", "show"]);
  assert.equal([status, stdout], [2, ""]);
  assert.match(stderr, "KEYSTORE_MISSING");
  assert.match(stderr, join(root, "fairmesh"));
});

test("a key made in one process is opened in another; no colours outside a terminal", () => {
  const passwordFile = join(root, "password");
  writeFileSync(passwordFile, "long enough password\n");
  const made = run(["keys", "new", "--json", "--password-file", passwordFile]);
  assert.is(made.status, 0, made.stderr);
  const exported = run(["keys", "export", "--json", "--password-file", passwordFile]);
  assert.is(JSON.parse(exported.stdout).address, JSON.parse(made.stdout).address);
  const doctor = run(["doctor"]);
  assert.is(doctor.status, 0, doctor.stderr);
  assert.match(doctor.stdout, "guard     sound");
  assert.not(doctor.stdout.includes("\u001b"));
});

test("a shell completes commands and their second words", () => {
  const script = run(["completion"]).stdout;
  const complete = (line: string) =>
    spawnSync(
      "bash",
      [
        "-c",
        `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _fairmesh 2>/dev/null; echo "\${COMPREPLY[@]}"`,
      ],
      { encoding: "utf8" },
    ).stdout.trim();
  assert.is(complete("fairmesh sta"), "start status");
  assert.is(complete("fairmesh rewards e"), "explain");
  assert.match(run(["completion", "--shell", "fish"]).stdout, "__fish_seen_subcommand_from keys");
});

test("a Node that is too old is told what to do, before anything modern is read", () => {
  const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return /^v(1\d|2[0-3])\./.test(stdout ?? "");
  });
  if (old === undefined) return;
  const { status, stdout, stderr } = run(["--version"], old);
  assert.equal([status, stdout], [2, ""]);
  assert.match(stderr, "fairmesh needs Node 24");
});

test.run();
