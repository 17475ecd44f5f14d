import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aedsl } from '../cli/recorded-console.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';

const page = readFileSync('docs/export.md', 'utf8');
const commands = page.match(/^aedsl export .*$/gm) ?? [];
const [program = '', metadata = ''] = [...page.matchAll(/^```python\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);

const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import numpy, onnxruntime']).status === 0;

const home = process.cwd();
const place = mkdtempSync(join(tmpdir(), 'aedsl-export-'));
beforeAll(async () => {
  const first = resolve('experiments/first.ae');
  process.chdir(place);
  // The page speaks of a sweep s1, and of a run that came last.
  (await sweepDatabase(place, [{ trials: threeSettings(1) }])).close();
  const trained = await aedsl('run', first, '--max-steps', '2', '--db', 'results.db');
  expect(trained.code).toBe(0);
  for (const command of commands) {
    const { code, err } = await aedsl(...command.split(' ').slice(1), '--db', 'results.db');
    expect([command, code, err]).toEqual([command, 0, '']);
  }
}, 120_000);
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true, force: true });
});

describe('docs/export.md', () => {
  it('has commands that write what they name', () => {
    expect(commands.length).toBeGreaterThan(5);
    for (const name of ['encoder.onnx', 'decoder/model.json', 'model/README.md', 's1-tensorboard', 'runs']) {
      expect(existsSync(name), name).toBe(true);
    }
  });

  it('has the files of a folder for the Hub', () => {
    const [, table = ''] = /## Hugging Face([\s\S]*?)\n## /.exec(page) ?? [];
    const listed = [...table.matchAll(/`([\w.]+\.(?:md|json|py|tgz|safetensors))`/g)].map(([, name]) => name);
    expect(new Set(listed)).toEqual(
      new Set(['README.md', 'model.safetensors', 'model.py', 'statistics.safetensors', 'config.json', 'run.tgz']),
    );
  });

  it.skipIf(!hasOnnx)('has Python that runs (skipped without onnxruntime in AEDSL_PYTHON)', () => {
    const shown = `${program}\nprint(code.shape, len(${metadata.trim()}))`;
    const { stdout, stderr } = spawnSync(python, ['-c', shown], { encoding: 'utf8' });
    expect(stdout, stderr).toBe('(1, 32) 64\n');
  });
});
