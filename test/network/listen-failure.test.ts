// What an operator is told when a node cannot listen: the address, what is wrong with it and what to do, with a code.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listenFailure } from "../../src/network/listen-failure.ts";
import { FairmeshError } from "../../src/primitives/index.ts";

test("each reason that the system has is said in words", () => {
  const said = (reason: string): string => {
    const failure = listenFailure(
      new Error(`Some configured addresses failed:\n\n  /ip4/1.2.3.4/tcp/80: Error: listen ${reason}: x`),
    );
    return failure instanceof FairmeshError ? `${failure.code} ${failure.message}` : "as it came";
  };
  assert.match(said("EADDRINUSE"), /^PORT_IN_USE \/ip4\/1\.2\.3\.4\/tcp\/80 is taken; set network\.listen/);
  assert.match(said("EADDRNOTAVAIL"), /^ADDRESS_FOREIGN .* is no address of this machine/);
  assert.match(said("EACCES"), /^PORT_FORBIDDEN .* port above 1023/);
  assert.is(said("EMFILE"), "as it came");
  const other = new TypeError("x");
  assert.is(listenFailure(other), other);
});

test.run();
