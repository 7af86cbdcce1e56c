// The SSZ library's list types use the global `Buffer` when they are made. A browser has none: this gives it one.
// Imported before anything else by the client's door; in Node it changes nothing.
import { Buffer } from "buffer";

(globalThis as { Buffer?: unknown }).Buffer ??= Buffer;
