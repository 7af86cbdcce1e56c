// Marks a message whose every check, the signature last, has passed. Core functions ask for it in their types.
import type { Brand } from "./brand.ts";

export type Verified<T> = Brand<T, "Verified">;

/** Called by validation after its last stage, and by a node on what it signed itself after checking it (S-15). */
export const markVerified = <T>(message: T): Verified<T> => message as Verified<T>;
