import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, program, type Workplace, workplace } from '../cli/command.js';
import Database from '../sqlite.js';

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
  writeFileSync(join(place.folder, 'slow.ae'), slow);
});
afterAll(() => place.leave());

/** Trains for an instant and is evaluated for longer. */
const slow = `experiment slow {
  data digits(take=1200, validation=100, test=400) { center_crop(16) }
  encoder { code: dense(16, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 50 }
  evaluate { knn(k=3)  linear_probe()  pca(components=12)  psnr()  ssim()  knn(k=5) }
  show { loss_curves()  filters(code)  reconstructions(8) }
}
`;

interface Stored {
  readonly status: string;
  readonly evaluation: string | null;
  /** Metrics at the end and files, as text. */
  readonly results: readonly string[];
}

function stored(database: string, run = 1): Stored {
  const opened = new Database(join(place.folder, database), { readonly: true });
  try {
    expect(opened.pragma('integrity_check', { simple: true })).toBe('ok');
    const row = opened
      .prepare<[number], Omit<Stored, 'results'>>('SELECT status, evaluation FROM runs WHERE run = ?')
      .get(run);
    const metrics = opened
      .prepare<[number], string>(
        'SELECT name || value FROM final_metrics JOIN metrics USING (metric) WHERE run = ? ORDER BY 1',
      )
      .pluck();
    const files = opened
      .prepare<[number], string>(
        'SELECT kind || name || sha256 FROM files JOIN objects USING (object) WHERE run = ? ORDER BY kind, name',
      )
      .pluck();
    if (!row) throw new Error(`${database} has no run ${run}`);
    return { ...row, results: [...metrics.all(run), ...files.all(run)] };
  } finally {
    opened.close();
  }
}

/** Runs the experiment, and sends a signal some time after its last training step. */
async function signalledAfterTraining(
  database: string,
  signal: 'SIGKILL' | 'SIGINT',
  delay: number,
): Promise<number | null> {
  const child = spawn(process.execPath, [program, 'run', 'slow.ae', '--json', '--db', database], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  let sent = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (sent || !printed.includes('"event":"stage_done"')) return;
    sent = true;
    setTimeout(() => child.kill(signal), delay);
  });
  await once(child, 'close');
  return child.exitCode;
}

describe('a training that is over is not lost by what comes after it', () => {
  it('is whole after a kill at any instant, and only what is missing is done again', { timeout: 300_000 }, async () => {
    expect(place.aedsl('run', 'slow.ae', '--db', 'whole.db').status).toBe(0);
    const whole = stored('whole.db');
    expect(whole).toMatchObject({ status: 'complete', evaluation: 'complete' });
    const seen = new Set<string | null>();
    for (let kill = 0; kill < 4; kill++) {
      const database = `killed-${kill}.db`;
      await signalledAfterTraining(database, 'SIGKILL', Math.random() * 80 * kill);
      const killed = stored(database);
      seen.add(killed.evaluation);
      if (killed.evaluation === 'pending') {
        expect(killed.status).toBe('complete');
        expect(place.aedsl('export', 'r1', '--db', database, '--as', 'safetensors', '-o', 'w.safetensors').status).toBe(
          0,
        );
      }
      if (killed.evaluation === 'complete') continue;
      const resumed = place.aedsl('resume', '--db', database, '--json');
      expect(resumed.status).toBe(0);
      if (killed.evaluation === 'pending') expect(resumed.stdout).not.toContain('"event":"steps"');
      expect(stored(database)).toEqual(whole);
    }
    expect(seen).toContain('pending');
  });

  it('is kept when a person ends its evaluation, which resume then makes', { timeout: 120_000 }, async () => {
    expect(await signalledAfterTraining('ended.db', 'SIGINT', 0)).toBe(130);
    expect(stored('ended.db')).toMatchObject({ status: 'complete', evaluation: 'pending' });
    expect(place.aedsl('ls', '--db', 'ended.db').stdout).toContain('complete, not evaluated');
    expect(place.aedsl('resume', 'r1', '--db', 'ended.db').status).toBe(0);
    expect(stored('ended.db')).toEqual(stored('whole.db'));
  });

  it('is evaluated again, or otherwise, without being trained', { timeout: 120_000 }, () => {
    const evaluated = (...words: readonly string[]) => place.aedsl('evaluate', ...words, '--db', 'whole.db', '--json');
    const before = stored('whole.db');
    expect(evaluated('r1').status).toBe(0);
    expect(stored('whole.db')).toEqual(before);
    const other = slow
      .replace(/evaluate \{.*\}/, 'evaluate { knn(k=7)  psnr()  knn(k=9) }')
      .replace(/show \{.*\}/, 'show { receptive_fields(code)  filters(code) }');
    writeFileSync(join(place.folder, 'today.ae'), other.replace('epochs = 2', 'epochs = 3'));
    const again = evaluated('r1', 'today.ae');
    expect(again.stdout).not.toContain('"event":"steps"');
    expect(lines(again.stdout).at(-1)).toMatchObject({ id: 'r1', status: 'complete', unevaluated: [] });
    const after = stored('whole.db');
    expect(after.results.filter((line) => !before.results.includes(line)).map((line) => line.slice(0, 10))).toEqual([
      'test.knn0.',
      'test.knn_2',
      'figurerece',
    ]);
    writeFileSync(join(place.folder, 'wider.ae'), other.replace('dense(16', 'dense(17'));
    const refused = evaluated('r1', 'wider.ae');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('another model than r1 (encoder)');
    const unknown = place.aedsl('evaluate', 'r99', '--db', 'whole.db');
    expect(unknown.status).toBe(2);
    expect(stored('whole.db')).toEqual(after);
  });

  it('is complete although a measure fails', () => {
    writeFileSync(
      join(place.folder, 'failing.mjs'),
      `export default {
  evaluation: [
    {
      name: 'failing',
      version: 1,
      doc: 'Fails.',
      parameters: {},
      metrics: { '': { doc: 'nothing', unit: null, goal: 'max' } },
      needsLabels: false,
      check: () => [],
      measures: 'reconstructions',
      start: () => ({
        add() {},
        metrics() {
          throw new RangeError('the examples are too far apart');
        },
      }),
    },
  ],
};
`,
    );
    const experiment = `experiment unmeasured {
  data digits(take=60, test=20) { center_crop(8) }
  encoder { code: dense(2, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 20 }
  evaluate { failing()  pca(components=2) }
  show { loss_curves() }
}
`;
    const words = ['--words', 'failing.mjs'];
    writeFileSync(join(place.folder, 'unmeasured.ae'), experiment);
    const ended = place.aedsl('run', 'unmeasured.ae', '--db', 'unmeasured.db', '--json', ...words);
    expect(ended.status).toBe(1);
    const events = lines(ended.stdout);
    expect(events.at(-1)).toMatchObject({ event: 'ended', status: 'complete', unevaluated: [0] });
    const notes = events.flatMap(({ event, text }) => (event === 'note' ? [text] : []));
    expect(notes).toEqual([
      'failing failed: the examples are too far apart',
      'its weights are kept; `aedsl evaluate r1` makes what is missing',
    ]);
    const { results, ...row } = stored('unmeasured.db');
    expect(row).toEqual({ status: 'complete', evaluation: 'failed' });
    expect(results.join('\n')).toMatch(
      /test\.loss[\s\S]*test\.pca[\s\S]*chain[\s\S]*figureloss_curves[\s\S]*weightsfinal/,
    );
    expect(place.aedsl('show', 'r1', '--db', 'unmeasured.db').stdout).toMatch(
      /complete, evaluation failed\n +failing failed: the examples are too far apart/,
    );
    const again = place.aedsl('resume', 'r1', '--db', 'unmeasured.db', '--json', ...words);
    expect(again.status).toBe(1);
    expect(again.stdout).not.toContain('"event":"steps"');
    expect(stored('unmeasured.db').results).toEqual(results);
  });
});
