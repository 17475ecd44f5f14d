import type { Store } from '../runtime/store/store.js';
import type { TableTrial, TrialTable } from './sweep-table.js';

/** Details of a table row that the table itself does not depend on, so they are read only for rows shown. */
export interface TrialDetails {
  /** Final values of the table's other metrics, as far as recorded. */
  readonly also: Readonly<Record<string, number>>;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
}

const none: TrialDetails = { also: {}, seconds: null, weightsSha256: null };

/** @param trials of the table; others are ignored */
export function readDetails(
  store: Store,
  { also }: Pick<TrialTable, 'also'>,
  trials: readonly TableTrial[],
): (trial: TableTrial) => TrialDetails {
  const runIds = trials.flatMap(({ runId }) => runId ?? []);
  const finals = store.trials.finals(runIds, also);
  const endings = store.trials.endings(runIds);
  return ({ runId }) => {
    if (runId === null) return none;
    const { seconds, weightsSha256 } = endings.get(runId) ?? none;
    return { also: finals.get(runId) ?? none.also, seconds, weightsSha256 };
  };
}
