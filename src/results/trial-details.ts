import type { Store } from '../runtime/store/store.js';
import type { TableTrial, TrialTable } from './sweep-table.js';

/** What stands in a row of a table, and nothing of the table depends on: it is read of the rows that are shown. */
export interface TrialDetails {
  /** The other metrics of the table, at the end; those that it has. */
  readonly also: Readonly<Record<string, number>>;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
}

const none: TrialDetails = { also: {}, seconds: null, weightsSha256: null };

/** @param trials of the table; nothing is known of others */
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
