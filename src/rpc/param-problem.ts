// What is wrong with a parameter, in words for who called; where a schema says it itself, that stands.
import type { z } from "zod";

const wanted: Readonly<Record<string, string>> = {
  int: "a whole number is expected",
  number: "a number is expected",
  string: "text is expected",
  boolean: "true or false is expected",
  array: "a list is expected",
  object: "an object is expected",
};

/** For zod's `error` option. */
export function paramProblem(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : wanted[issue.expected];
    case "too_big":
      return `at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    case "too_small":
      return `at least ${issue.minimum}${issue.origin === "string" ? " characters" : ""}`;
    case "unrecognized_keys":
      return `there is no parameter ${issue.keys.join(", ")}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")} is expected`;
    default:
      return undefined;
  }
}
