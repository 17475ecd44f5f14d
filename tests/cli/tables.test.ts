import { describe, expect, it } from 'vitest';
import { metricTables } from '../../src/cli/metric-tables.js';
import { type Column, formatTable } from '../../src/cli/table-formats.js';
import { arrange } from '../../src/cli/table-options.js';
import { trialColumns } from '../../src/cli/trial-columns.js';
import { readTrialTable } from '../../src/results/sweep-table.js';
import { countText, intervalText, spreadText } from '../../src/text/number-text.js';
import { builtinWords } from '../../src/words/words.js';
import { inFolder } from '../runtime/store/sample-run.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';
import { aedsl } from './recorded-console.js';

interface Row {
  readonly name: string;
  readonly n: number;
}

const columns: readonly Column<Row>[] = [
  { heading: 'name', key: 'name', text: ({ name }) => name, value: ({ name }) => name },
  { heading: 'number', key: 'n', text: ({ n }) => String(n), value: ({ n }) => n },
];

it('counts are in the singular for one', () => {
  expect([0, 1, 2, 2000].map((n) => countText(n, 'trial'))).toEqual([
    '0 trials',
    '1 trial',
    '2 trials',
    '2,000 trials',
  ]);
});

describe('a table', () => {
  const rows = [
    { name: 'a|b <c>', n: 2 },
    { name: 'evil\u001b[2J', n: 10 },
    { name: 'none', n: Number.NaN },
  ];

  it('is aligned, and holds nothing that moves the cursor', () => {
    expect(formatTable(columns, rows.slice(0, 2), 'text')).toBe(
      'name      number\na|b <c>        2\nevil\ufffd[2J      10\n',
    );
  });

  it('is Markdown in which texts are texts', () => {
    expect(formatTable(columns, rows.slice(0, 1), 'md')).toBe(
      '| name | number |\n| --- | --: |\n| a\\|b \\<c\\> | 2 |\n',
    );
  });

  it('is CSV and JSON with the keys of the columns', () => {
    expect(formatTable(columns, rows.slice(2), 'csv')).toBe('name,n\nnone,nan\n');
    expect(formatTable(columns, rows.slice(2), 'json')).toBe('{"name":"none","n":"NaN"}\n');
  });

  it('is sorted by numbers as numbers, what is missing last in either direction', () => {
    const sorted = (sort: string) => arrange(rows, columns, { sort }, 'json').shown.map(({ n }) => n);
    expect(sorted('n')).toEqual([2, 10, Number.NaN]);
    expect(sorted('-n')).toEqual([10, 2, Number.NaN]);
    expect(() => sorted('other')).toThrow("there is no column 'other'");
  });

  it('is sorted by the column of that key, where the heading of another is the same', () => {
    const param = { ...columns[0], heading: 'n', key: 'param.n', text: () => '', value: ({ n }: Row) => -n };
    expect(arrange(rows, [param, ...columns], { sort: 'n' }, 'json').shown[0]?.n).toBe(2);
    expect(arrange(rows, [param, ...columns], { sort: 'param.n' }, 'json').shown[0]?.n).toBe(10);
  });

  it('is cut for people only', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ name: 'x', n }));
    expect(arrange(many, columns, {}, 'text')).toMatchObject({ left: 10 });
    expect(arrange(many, columns, {}, 'csv').left).toBe(0);
    expect(arrange(many, columns, { limit: 0 }, 'text').left).toBe(0);
  });
});

describe('numbers with their spread', () => {
  it('have two digits of the spread', () => {
    expect(spreadText(0.0812345, 0.0012678)).toBe('0.0812 ± 0.0013');
    expect(spreadText(1234.5, 56)).toBe('1235 ± 56');
    expect(spreadText(-0.5, 0)).toBe('-0.5 ± 0');
    expect(intervalText({ low: 31.2547, high: 33.6114 })).toBe('31.25 … 33.61');
  });
});

describe('the metrics of a run', () => {
  it('say a loss of one term once', () => {
    const [text] = metricTables({ 'train.loss': 2, 'train.mse': 2 + 1e-12, 'train.loss.mse': 2, 'train.sse': 200 });
    expect(text?.split('\n').map((line) => line.split(/\s{2,}/)[0])).toEqual(['metric', 'loss', 'sse', '']);
    expect(text).toContain('= mse');
  });

  it('keep the term apart from the error where their units differ', () => {
    const [text] = metricTables({ 'test.loss': 7, 'test.mse': 0.1, 'test.loss.mse': 1, 'test.loss.kl_sparsity': 2 });
    expect(text?.split('\n').map((line) => line.split(/\s+/)[0])).toEqual([
      'metric',
      'loss',
      'loss.kl_sparsity',
      'loss.mse',
      'mse',
      '',
    ]);
  });

  it('say the unit of what an evaluation measures', () => {
    const [text] = metricTables({ 'test.loss': 7, 'test.psnr_2': 20, 'test.knn': 0.9, 'validation.final_loss': 6 });
    expect(text).toMatch(/^psnr_2 .* 20 {2}dB$/m);
    expect(text).toMatch(/^final_loss .*with the weights of the end/m);
  });

  it('have a row for each layer, and the divergences of a code in a line', () => {
    const [text] = metricTables({
      'encoder.1.kl_0': 0.5,
      'encoder.1.kl_1': 2,
      'encoder.0.dead': 0.25,
      'decoder.0.dead': 0,
    });
    expect(text).toContain('encoder.1: divergence of its dimensions from the prior, nats: 2 0.5');
    expect(text?.indexOf('encoder.0')).toBeLessThan(text?.indexOf('decoder.0') ?? 0);
  });
});

describe('the commands', () => {
  const printed = (...words: readonly string[]) =>
    inFolder(async (folder) => {
      const store = await sweepDatabase(
        folder,
        [{ trials: threeSettings() }],
        [{ parameters: { rho: 0.9 }, seed: 1, losses: [1] }],
      );
      store.close();
      const { out, err } = await aedsl(...words, '--db', store.path);
      return out + err;
    });

  it('list a sweep in a line, and the runs that are in none', async () => {
    const text = await printed('ls');
    expect(text).toContain('9 complete');
    expect(text).toContain('r10');
    expect(text).not.toContain('r9 ');
    const runs = await printed('ls', '--runs', '--json');
    expect(runs.trimEnd().split('\n')).toHaveLength(10);
  });

  it('list sweeps and runs as one table of comma-separated values', async () => {
    const text = await printed('ls', '--csv');
    const [heading, ...lines] = text.trimEnd().split('\n');
    const keys = heading?.split(',') ?? [];
    expect(keys).toEqual(expect.arrayContaining(['sweep', 'trials', 'run', 'seed', 'experiment', 'status', 'started']));
    expect(new Set(keys).size).toBe(keys.length);
    expect(lines).toHaveLength(2);
    expect(lines[0]?.startsWith('s1,')).toBe(true);
    expect(lines[1]?.split(',')[keys.indexOf('run')]).toBe('r10');
  });

  it('list the trials of a sweep in the order asked for', async () => {
    const text = await printed('ls', 's1', '--sort=-seed', '--csv');
    const [heading, first] = text.split('\n');
    expect(heading).toBe('trial,run,state,rho,seed,validation.loss,epoch,test.sse,seconds,weightsSha256,best');
    expect(first?.startsWith('2,r3,complete,0.1,3,')).toBe(true);
  });

  it('name a parameter that is called like a column apart from it', async () => {
    const trials = [1, 2].map((n) => ({
      parameters: { rho: 3 - n, epoch: n, time: n, best: n, difference: n },
      seed: 1,
      losses: [n],
    }));
    await inFolder(async (folder) => {
      const store = await sweepDatabase(folder, [{ trials }]);
      store.close();
      const db = store.path;
      const headings = async (...words: readonly string[]) => (await aedsl(...words, '--db', db)).out.split('\n');
      const listed = await headings('ls', 's1', '--csv', '--sort=-param.rho');
      expect(listed[0]).toMatch(/^trial,run,state,rho,param\.epoch,param\.time,param\.best,difference,seed,.*,epoch,/);
      expect(listed[1]).toMatch(/^0,r1,complete,2,1,/);
      const read = await headings('ls', 's1', '--sort=-param.epoch');
      expect(read[0]).toMatch(
        / rho {2}param\.epoch {2}param\.time {2}param\.best {2}difference {2}seed .* epoch .* time /,
      );
      expect(read[1]).toMatch(/^ *1 {2}r2 /);
      const settings = await headings('show', 's1', '--csv');
      expect(settings[0]).toMatch(/^rho,epoch,time,param\.best,difference,run,.*,best$/);
      const compared = await headings('compare', 's1', '--md');
      expect(compared[0]).toMatch(
        /^\| rho \| epoch \| time \| param\.best \| param\.difference \| .* \| difference \|/,
      );
    });
  });

  it('mark the trials that make the best setting, and none that was pruned', async () => {
    const trials = [
      { parameters: { rho: 1 }, seed: 1, losses: [3, 2] },
      { parameters: { rho: 2 }, seed: 1, losses: [2, 1] },
      { parameters: { rho: 2 }, seed: 2, losses: [0.5], state: 'pruned' as const },
    ];
    await inFolder(async (folder) => {
      const store = await sweepDatabase(folder, [{ trials }]);
      const table = readTrialTable(store, ['s1'], { words: builtinWords });
      store.close();
      const details = { seconds: null, weightsSha256: null, also: {} };
      const mark = trialColumns(table, () => details).at(-1);
      expect(table.trials.map((trial) => mark?.value(trial))).toEqual([false, true, false]);
    });
  });

  it('show a sweep with the best setting first, its seeds, and how many would be needed', async () => {
    const text = await printed('show', 'sparse', '--per-seed', '--width', '0.01');
    expect(text).toMatch(/rho {2}seeds {2}validation\.loss .* seeds for a width of 0\.01 .* seed 1 +seed 2 +seed 3/);
    expect(text).toMatch(/\n0\.3 +3 +0\.720 ± 0\.010 .* best\n/);
    expect(text).toContain("Student's t");
    const json: unknown = JSON.parse(await printed('show', 's1', '--json'));
    expect(json).toMatchObject({
      sweepId: 's1',
      metric: 'validation.loss',
      settings: [{ best: true, seeds: [1, 2, 3] }, {}, {}],
    });
  });

  it('compare settings with the best one, or with any', async () => {
    const text = await printed('compare', 's1', '--csv', '--baseline', 'rho=0.2');
    const [heading, ...lines] = text.trimEnd().split('\n');
    const difference = heading?.split(',').indexOf('difference') ?? -1;
    const values = lines.map((line) => Number(line.split(',')[difference]));
    expect(values[0]).toBe(0);
    expect(values[1]).toBeCloseTo(-0.1, 12);
    expect(values[2]).toBeCloseTo(0.1, 12);
    expect(await printed('compare', 'last', '--csv', '--baseline', 'rho=0.2')).toBe(text);
  });

  it('refuse what they do not understand', async () => {
    expect(await printed('show', 's1', '--width=-1')).toContain('--width');
    expect(await printed('show', 's1', '--interval', 'normal')).toContain('--interval');
    expect(await printed('ls', 's1', '--csv', '--json')).toContain('together');
  });
});
