import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../cli/command.js';
import { inFolder } from '../runtime/store/sample-run.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';

const text = readFileSync(new URL('../../docs/notebook.md', import.meta.url), 'utf8');
const cellsOf = (page: string) => [...page.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
const [first = '', sweeps = ''] = text.split('## The trials of a sweep\n');
const cells = cellsOf(sweeps);

/** AEDSL_PYTHON, the one that CI makes, or the first Python that has some modules; null where there is none. */
function findPython(modules: string): string | null {
  const candidates = [process.env.AEDSL_PYTHON, resolve('.aedsl/python/bin/python'), 'python3', 'python'];
  const isThere = (name: string | undefined): name is string =>
    name !== undefined && spawnSync(name, ['-c', `import ${modules}`]).status === 0;
  return candidates.find(isThere) ?? null;
}

const python = findPython('pandas, numpy');
const notebook = findPython('pandas, numpy, matplotlib, safetensors, IPython');

/** Runs cells as a notebook does, `!` by a shell. */
const runCells = `
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open("cells.json")):
    shell.run_cell(cell).raise_error()
    assert shell.user_ns.get("_exit_code", 0) == 0, cell
print("\\n" + json.dumps({
    "curves": [round(float(x), 6) for x in shell.user_ns["curves"]["train.loss"]],
    "filters": list(shell.user_ns["filters"].shape),
    "codes": list(shell.user_ns["codes"].shape),
}))
`;

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
  it.skipIf(notebook === null)(
    'leads from a run to a figure (skipped without a Python that has pandas, matplotlib, safetensors and IPython)',
    () =>
      inFolder((folder) => {
        mkdirSync(join(folder, 'bin'));
        const aedsl = join(folder, 'bin', 'aedsl');
        writeFileSync(aedsl, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
        chmodSync(aedsl, 0o755);
        writeFileSync(join(folder, 'first.ae'), readFileSync('experiments/first.ae'));
        writeFileSync(join(folder, 'cells.json'), JSON.stringify(cellsOf(first)));
        const env = {
          ...process.env,
          PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
          MPLBACKEND: 'Agg',
          HOME: folder,
          AEDSL_DB: '',
        };
        const { stdout, stderr } = spawnSync(notebook ?? '', ['-c', runCells], { cwd: folder, encoding: 'utf8', env });
        const last = stdout.trimEnd().split('\n').at(-1) ?? '';
        expect(last, stdout + stderr).toMatch(/^\{/);
        expect(JSON.parse(last)).toEqual({
          curves: [0.125709, 0.099672, 0.086691, 0.078246, 0.072189],
          filters: [4, 8, 20, 20],
          codes: [500, 32],
        });
        expect(readFileSync(join(folder, 'first.png')).subarray(1, 4).toString()).toBe('PNG');
      }),
  );

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
