// The Log adapter on pino: one JSON object a line, or readable lines on a terminal. Always on stderr: stdout is for data.
// Made by the composition root and by commands. Secrets are redacted here, whoever logs them (safe-fields.ts).
import { type DestinationStream, pino } from "pino";
import { prettyFactory } from "pino-pretty";
import type { Log, LogFields, LogLevel } from "../ports/index.ts";
import { safeFields } from "./safe-fields.ts";

export interface LogOptions {
  readonly level: LogLevel | "silent";
  /** `auto`: readable on a terminal, JSON otherwise. */
  readonly format?: "auto" | "json" | "pretty";
  /** Colours in readable lines; by default on a terminal without NO_COLOR. */
  readonly color?: boolean;
  /** Where lines go; stderr by default. */
  readonly destination?: DestinationStream & { readonly isTTY?: boolean };
}

const stderr = (): DestinationStream => pino.destination({ dest: 2, sync: true });

function streamFor({ format = "auto", color, destination }: LogOptions): DestinationStream {
  const onTerminal = destination === undefined ? process.stderr.isTTY === true : destination.isTTY === true;
  if (format === "json" || (format === "auto" && !onTerminal)) return destination ?? stderr();
  const colorize = color ?? (onTerminal && (process.env.NO_COLOR ?? "") === "");
  const target = destination ?? stderr();
  const readable = prettyFactory({ colorize, translateTime: "HH:MM:ss.l", ignore: "pid,hostname" });
  return { write: (line) => target.write(readable(line)) };
}

type PinoLogger = ReturnType<typeof pino>;

const adapt = (logger: PinoLogger): Log => ({
  debug: (message, fields) => logger.debug(fields ?? {}, message),
  info: (message, fields) => logger.info(fields ?? {}, message),
  warn: (message, fields) => logger.warn(fields ?? {}, message),
  error: (message, fields) => logger.error(fields ?? {}, message),
  child: (fields: LogFields) => adapt(logger.child(safeFields(fields))),
});

/** A Log that writes lines of `level` and above. Lines are written before the call returns. */
export const createLog = (options: LogOptions): Log =>
  adapt(
    pino(
      {
        level: options.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: (fields) => safeFields(fields) },
      },
      streamFor(options),
    ),
  );
