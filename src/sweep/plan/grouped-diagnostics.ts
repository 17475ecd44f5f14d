import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';

interface Group {
  readonly diagnostic: Diagnostic;
  readonly firstTrial: number;
  trials: number;
}

/**
 * Collects the diagnostics of a sweep's trials. Reports the same one at the same place once, with its first trial and
 * the number of others.
 */
export class GroupedDiagnostics {
  readonly #groups = new Map<string, Group>();
  readonly #describe: (trial: number) => string;
  readonly #total: number;

  /** @param describe the values of a trial: `rho=0.1 beta=3` */
  constructor(total: number, describe: (trial: number) => string) {
    this.#total = total;
    this.#describe = describe;
  }

  /** @param trials that the diagnostics are about, the first of them first */
  add(diagnostics: readonly Diagnostic[], trials: readonly number[]): void {
    const [firstTrial] = trials;
    if (firstTrial === undefined) return;
    const here = new Set<string>();
    for (const diagnostic of diagnostics) {
      const key = keyOf(diagnostic);
      if (here.has(key)) continue;
      here.add(key);
      const group = this.#groups.get(key);
      if (group) group.trials += trials.length;
      else this.#groups.set(key, { diagnostic, firstTrial, trials: trials.length });
    }
  }

  /** In the order in which they were first found. */
  get all(): readonly Diagnostic[] {
    return [...this.#groups.values()].map(({ diagnostic, firstTrial, trials }) => {
      if (trials === this.#total) return diagnostic;
      const more = trials > 1 ? `; and ${trials - 1} more` : '';
      const which = `trial ${firstTrial} of ${this.#total}: ${this.#describe(firstTrial)}${more}`;
      return { ...diagnostic, message: `${diagnostic.message} (${which})` };
    });
  }
}

/** Messages that differ in their numbers alone are one: the values of a range have one place. */
function keyOf({ code, severity, span, message }: Diagnostic): string {
  const place = span === null ? '' : `${span.source.path}|${span.start}|${span.end}`;
  return `${code}|${severity}|${place}|${message.replaceAll(/-?\d[\d.,e+-]*/g, '#')}`;
}
