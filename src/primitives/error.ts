// A failed operation, told to whoever asked for it: a stable code for programs, a sentence that says what to do for people.
// Not for what peers send (that is a Result) and not for broken invariants.
export type ErrorCode = Uppercase<string>;

export class FairmeshError extends Error {
  override readonly name = "FairmeshError";
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly fields?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? {};
  }
}
