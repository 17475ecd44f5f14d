import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCard } from '../../src/models/huggingface/card.js';
import { decodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { openStore } from '../../src/runtime/store/store.js';
import { loadStored } from '../../src/trial/load.js';
import { builtinWords } from '../../src/words/words.js';
import { aedsl } from '../cli/recorded-console.js';

/** A Python with huggingface_hub: `AEDSL_PYTHON`, else `python3` if it has it. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasHub = spawnSync(python, ['-c', 'import huggingface_hub']).status === 0;

const place = mkdtempSync(join(tmpdir(), 'aedsl-hub-'));
const db = join(place, 'results.db');
const folder = join(place, 'model');
afterAll(() => rmSync(place, { recursive: true, force: true }));

beforeAll(async () => {
  const trained = await aedsl('run', 'experiments/table.ae', 'latent=3', '--max-steps', '4', '--db', db);
  expect(trained.err).toBe('pictures: aedsl figures r1\n');
  const written = await aedsl('export', 'last', '--db', db, '--as', 'huggingface', '--license', 'mit', '-o', folder);
  expect(written.err).toBe('');
}, 60_000);

const card = () => readFileSync(join(folder, 'README.md'), 'utf8');

it('is a card, the weights with the names of the model, the experiment, and a bundle', async () => {
  expect(readdirSync(folder).sort()).toEqual([
    'README.md',
    'config.json',
    'model.py',
    'model.safetensors',
    'run.tgz',
    'statistics.safetensors',
    'table.ae',
  ]);
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(folder, 'model.safetensors')));
  expect(tensors.map(({ name }) => name)).toContain('encoder.dense1.weight');
  const { run } = await loadStored('last', db, { library: builtinWords });
  const said = { identity: run.identity, weights_sha256: run.weightsSha256 };
  expect(metadata).toMatchObject(said);
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject(said);
  expect(card()).toContain(`| weights | \`${run.weightsSha256}\` |`);
  expect(card()).toContain('aedsl run table.ae latent=3 --seed 1 --max-steps 4\n');
  expect(readFileSync(join(folder, 'table.ae'), 'utf8')).toBe(readFileSync('experiments/table.ae', 'utf8'));
  const applied = await aedsl('apply', join(folder, 'run.tgz'), '--output', 'code', '-o', join(place, 'codes.npy'));
  expect(applied.err).toBe('');
});

it('has what the experiment extends in its folder, and leaves other folders to the bundle', async () => {
  mkdirSync(join(place, 'far'));
  const far = 'experiment far { data digits(take=40, test=8) { center_crop(8) }  encoder { code: dense(2) }';
  const rest = 'decoder { dense(input.size) }  loss mse()  train adam() { epochs = 1  batch = 16 }';
  writeFileSync(join(place, 'far', 'child.ae'), `${far}  ${rest} }`);
  writeFileSync(join(place, 'base.ae'), 'experiment base extends "far/child.ae" { encoder { code: dense(3) } }');
  writeFileSync(
    join(place, 'child.ae'),
    'experiment child extends "base.ae" { train adam() { epochs = 1  batch = 8 } }',
  );
  const family = join(place, 'family');
  const own = join(place, 'family.db');
  await aedsl('run', join(place, 'child.ae'), '--max-steps', '1', '--db', own, '--backend', 'cpu');
  const written = await aedsl('export', 'last', '--db', own, '--as', 'huggingface', '--license', 'mit', '-o', family);
  expect(written.err).toBe('');
  expect(readdirSync(family).filter((name) => name.endsWith('.ae'))).toEqual(['base.ae', 'child.ae']);
  expect(readFileSync(join(family, 'child.ae'), 'utf8')).toContain('extends "base.ae"');
});

it('is refused for what is no licence, and where results would be replaced', async () => {
  const refused = await aedsl('export', 'last', '--db', db, '--as', 'huggingface', '--license', 'a: b\n', '-o', folder);
  expect(refused.err).toContain(
    'aedsl: "a: b\\n" is no licence\n  give an identifier of the Hub, such as apache-2.0, mit or cc-by-4.0',
  );
  expect((await aedsl('export', 'last', '--db', db, '--as', 'huggingface', '-o', db)).err).toContain(
    'is a results database',
  );
});

/** A card of names that would be markup. */
async function hostileCard(): Promise<string> {
  const { run, trial } = await loadStored('last', db, { library: builtinWords });
  const store = await openStore(db, { mode: 'read' });
  store.close();
  const nasty = '"\n---\nlicense: mit\u2028| `x` <script>alert(1)</script> [a](javascript:b) 😀';
  return modelCard({
    experiment: { ...trial.compiled.ir, name: nasty },
    run: { ...run, data: nasty, id: nasty, backend: nasty },
    recipe: { ...trial.recipe, params: [`a=${nasty}'; rm -rf ~`] },
    metrics: { 'test.mse': 1, 'test.loss': Number.POSITIVE_INFINITY, [`test.${nasty}`]: 2, 'train.mse': 3 },
    license: 'unknown',
    version: '0',
    sources: [{ path: 'a.ae', text: `\`\`\`\`\n${nasty}` }],
    bundle: 'run.tgz',
    words: builtinWords,
  });
}

it('has names from a database as texts, wherever they stand', async () => {
  const text = await hostileCard();
  const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  expect(front.split('\n').filter((line) => !/^[ \-a-z_]+:( .*)?$|^- \w+$/.test(line))).toEqual([]);
  expect(front).not.toContain('Infinity');
  expect(front).toMatch(/^license: "unknown"$/m);
  const prose = body.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').replace(/`[^`\n]*`/g, '');
  expect(prose).not.toMatch(/(^|[^\\])[<[]/);
  expect(body).toContain("'\\''; rm -rf ~'");
});

describe.skipIf(!hasHub)('in huggingface_hub (skipped without it in AEDSL_PYTHON)', () => {
  it('the card is read, whatever names it has', async () => {
    const path = join(place, 'hostile.md');
    writeFileSync(path, await hostileCard());
    const script = `
import json, sys
from huggingface_hub import ModelCard
for path in sys.argv[1:]:
    data = ModelCard.load(path).data
    print(json.dumps([data.license, data.model_name, [[r.metric_name, r.metric_value] for r in data.eval_results]]))`;
    const { stdout, stderr } = spawnSync(python, ['-c', script, join(folder, 'README.md'), path], { encoding: 'utf8' });
    const [own, hostile] = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(own, stderr).toEqual(['mit', 'table', expect.arrayContaining([['test.mse', expect.any(Number)]])]);
    const nasty = '"\n---\nlicense: mit\u2028| `x` <script>alert(1)</script> [a](javascript:b) 😀';
    expect(hostile).toEqual([
      'unknown',
      nasty,
      [
        ['test.mse', 1],
        [`test.${nasty}`, 2],
      ],
    ]);
  });
});
