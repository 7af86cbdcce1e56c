// Two processes on TCP: sealed, audited, used, and found out when a byte is flipped (test/support/show-storage.ts).
import { test } from "uvu";
import { showStorage } from "../support/show-storage.ts";

test("16 MiB are sealed and audited over TCP, a file is stored and read back, and a flipped byte is found", () =>
  showStorage(16n));

test.run();
