// What the process' exit says: 0 done; 1 a failure that a restart may mend; 2 fatal or wrong usage, a restart won't help.
// systemd, Docker and Kubernetes restart by it.
import { FairmeshError, InvariantError } from "../primitives/index.ts";

export type ExitCode = 0 | 1 | 2;

/** Codes of what passes by itself or is mended from outside; every other code of ours is fatal. */
const mendable =
  /(_UNREACHABLE|_TIMEOUT|_IN_USE|_BUSY|_LOCKED|_FULL|_FAILED|_CLOSED|^ABORTED|^UNHEALTHY|^UNANCHORED|^VIOLATION)$/;

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof FairmeshError) return mendable.test(error.code) ? 1 : 2;
  return error instanceof InvariantError ? 2 : 1;
}
