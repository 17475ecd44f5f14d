/** Inputs that determine a trial's bits and may have changed since it was recorded. */
export type TrialPart = 'words' | 'data' | 'backend' | 'arithmetic';

export interface Change {
  readonly part: TrialPart;
  /** Completes a sentence that begins with the trial's name and a colon. */
  readonly what: string;
}

/** A recorded trial that this installation would train to different bits. */
export class Stale extends Error {
  override readonly name = 'Stale';
  readonly hint: string;

  /** @param trial as users know it: `r12`, `trial 3 of s1` */
  constructor(
    readonly trial: string,
    readonly changes: readonly Change[],
  ) {
    super(`${trial} is no longer the same trial: ${changes.map(({ what }) => what).join('; ')}`);
    this.hint = changes.every(({ part }) => part === 'data')
      ? 'restore them, or name their folder with --data-folder DIR or AEDSL_DATA; they are recognised by checksum'
      : 'the aedsl version that trained it can continue it (`aedsl show` names the version); this one can train it afresh';
  }
}

/** The same text compiles to another experiment. @param recorded null: unknown */
export function otherWords(now: string, recorded: string | null = null): Change {
  const hashes =
    recorded === null ? '' : ` (the experiment's hash is ${now.slice(0, 12)}; it was ${recorded.slice(0, 12)})`;
  return { part: 'words', what: `its words mean something else in this version${hashes}` };
}

/** Words or data changed; which of them is unknown. */
export const otherWordsOrData: Change = {
  part: 'data',
  what: 'its data have changed, or its words mean something else in this version',
};

export function noLongerCompiles(code: string, message: string): Change {
  const unknown = code === 'AE201' ? '; --words names a module of words' : '';
  return { part: 'words', what: `its words no longer compile (${code} ${message}${unknown})` };
}

export function otherArithmetic(now: string, recorded: string): Change {
  return { part: 'arithmetic', what: `the arithmetic is version ${now}; it was ${recorded}` };
}

export function otherBackend(now: string, recorded: string): Change {
  return { part: 'backend', what: `the backend is '${now}'; it was '${recorded}'` };
}

export function unknownBackend(recorded: string): Change {
  return { part: 'backend', what: `this version doesn't have its backend '${recorded}'` };
}

/** @param what completes a sentence about the data */
export function otherData(what: string): Change {
  return { part: 'data', what };
}
