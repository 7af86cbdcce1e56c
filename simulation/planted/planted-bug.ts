// What a planted bug is (see bugs.ts), and the files that most are planted in.
export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  readonly name: string;
  /** The rule that it breaks. */
  readonly rule: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Where it has to be caught, and within how many seeds; or by the small model. */
  readonly caughtBy: { readonly scenario: string; readonly seedsMax: number } | { readonly model: ModelSetup };
}

interface ModelSetup {
  readonly byzantine: number;
  readonly views: number;
  readonly restarts?: number;
  readonly lastHeight?: number;
}

export const consensus = (file: string): string => `src/consensus/${file}.ts`;
export const driver = (file: string): string => `src/runtime/driver/${file}.ts`;
