import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../runtime/store/sample-run.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';

const text = readFileSync(new URL('../../docs/notebook.md', import.meta.url), 'utf8');
const cells = [...text.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');

/** AEDSL_PYTHON, or the first Python that has pandas; null where there is none. */
function findPython(): string | null {
  const candidates = [process.env.AEDSL_PYTHON, 'python3', 'python'].filter((name) => name !== undefined);
  return candidates.find((name) => spawnSync(name, ['-c', 'import pandas, numpy']).status === 0) ?? null;
}

const python = findPython();

/** What the cells leave behind, as the numbers that a reader would look at. */
const questions = `
print(json.dumps({
    "trials": len(trials),
    "best": settings.index[0],
    "mean": settings["mean"].iloc[0],
    "seeds": int(settings["count"].iloc[0]),
    "sse": metrics["test.sse"].tolist(),
    "curve": curves[0].tolist(),
    "steps": len(loss),
    "first": float(loss[0]),
}))
`;

describe('docs/notebook.md', () => {
  it('reads the trials of a sweep in three lines', () => {
    expect(cells[0]?.trimEnd().split('\n')).toHaveLength(3);
  });

  it.skipIf(python === null)('gives the numbers that were stored (skipped without a Python that has pandas)', () =>
    inFolder(async (folder) => {
      (await sweepDatabase(folder, [{ trials: threeSettings(2) }])).close();
      const { status, stdout, stderr } = spawnSync(python ?? '', ['-c', cells.join('\n') + questions], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        trials: 6,
        best: 0.3,
        mean: expect.closeTo(120, 8),
        seeds: 2,
        sse: [140, 140, 130, 130, 120, 120].map((sse) => expect.closeTo(sse, 8)),
        curve: [2.9, 1.91, 2.4].map((value) => expect.closeTo(value, 12)),
        steps: 30,
        first: expect.closeTo(1.9, 6),
      });
    }),
  );
});
