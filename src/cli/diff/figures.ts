import type { Comparison } from '../../api/compare.js';
import { sideBySide } from '../../api/figures.js';
import { readStore } from '../../api/results.js';
import { writeFigure } from '../writing-files.js';

/** Writes pictures that both runs of a seed have side by side, the old one on the left. Returns their paths. */
export function writeComparedFigures(comparison: Comparison, database: string, folder: string) {
  const pairs = comparison.experiments.flatMap(({ name, runs }) =>
    runs.map(({ seed, runs: [old, now] }) => ({ title: `${name}-seed-${seed}`, old, new: now })),
  );
  if (pairs.length === 0) return Promise.resolve([]);
  return readStore(database, (store): readonly string[] =>
    pairs.flatMap(({ title, old, new: now }) =>
      store.listFiles(old, 'figure').flatMap((before) => {
        const after = store.listFiles(now, 'figure').find(({ name }) => name === before.name);
        if (!after) return [];
        return [
          writeFigure(folder, `${title}-${before.name}`, sideBySide(store.readFile(before), store.readFile(after))),
        ];
      }),
    ),
  );
}
