// A broken invariant is our own fault, never a peer's: it throws, and the node stops before it signs anything.
export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(message: string, fields: Readonly<Record<string, unknown>>) {
    super(message);
    this.fields = fields;
  }
}

/** Throws InvariantError unless `condition` holds; `message` says what should have been true. */
export function invariant(
  condition: unknown,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): asserts condition {
  if (!condition) throw new InvariantError(message, fields);
}
