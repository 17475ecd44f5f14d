import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeChoice } from '../../src/results/metric-choice.js';
import type { TableRequest } from '../../src/results/sweep-table.js';
import { readTrialTable, type TrialTable } from '../../src/results/sweep-table.js';
import { openStore } from '../../src/runtime/store/store.js';
import { type Run, run } from '../../src/sweep/run.js';
import { builtinWords } from '../../src/words/words.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-losses-'));
const store = join(folder, 'results.db');

const experiment = (name: string, rest: string) => ({
  path: `${name}.ae`,
  text: `experiment ${name} {
    param beta = 0
    param units = 8
    data digits(take=60, validation=20, test=20) { center_crop(12) }
    encoder { code: dense(units, activation=sigmoid) }
    decoder tied(encoder, output=sigmoid)
    ${rest}
  }`,
});

const penalised = experiment('penalised', 'loss bce() + kl_sparsity(rho=0.05, beta=beta)\ntrain adam() { epochs = 2 }');
const pretrained = experiment('pretrained', 'pretrain rbm(on=[code], lr=0.1) { epochs = 1  batch = 20 }');

async function trained(source: { readonly path: string; readonly text: string }, ...params: string[]): Promise<Run> {
  const result = await run({ source, params, backend: 'cpu', store });
  result.model?.dispose();
  return result;
}

async function table(names: readonly string[], request: Omit<TableRequest, 'words'> = {}): Promise<TrialTable> {
  const opened = await openStore(store, { mode: 'read' });
  try {
    return readTrialTable(opened, names, { ...request, words: builtinWords });
  } finally {
    opened.close();
  }
}

describe('runs whose losses cannot be compared', () => {
  beforeAll(async () => {
    for (const params of [['beta=0'], ['beta=5'], ['beta=5', 'units=16']]) await trained(penalised, ...params);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are ordered by the squared error, and a loss that is asked for comes with a word', async () => {
    const { choice, best } = await table(['r1', 'r2']);
    expect(describeChoice(choice)).toBe(
      'validation.sse, the best over the epochs; lower is better; the losses are in different units',
    );
    expect(best?.replicates).toHaveLength(1);
    expect(describeChoice((await table(['r1', 'r2'], { metric: 'validation.loss' })).choice)).toMatch(
      /; the losses are in different units and cannot be compared$/,
    );
    expect((await table(['r2', 'r3'])).choice).toMatchObject({ metric: 'validation.loss', losses: 'equal' });
  });

  it('an experiment without a loss reports none, and is ordered by what it has', async () => {
    const { metrics, runId } = await trained(pretrained);
    const other = await trained(pretrained, 'units=16');
    expect(Object.keys(metrics).filter((name) => /^(train|validation|test)\./.test(name))).toEqual([
      'test.mse',
      'test.sse',
    ]);
    const { choice, best } = await table([runId ?? '', other.runId ?? '']);
    expect(choice).toMatchObject({ metric: 'test.sse', goal: 'min', losses: 'equal' });
    expect(best).not.toBeNull();
  });
});
