import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { noSlurmSettings } from '../../src/execute/slurm/settings.js';
import { SweepFolder } from '../../src/execute/slurm/sweep-folder.js';
import { run } from '../../src/sweep/run.js';
import { workplace } from './command.js';
import { CommandProcess } from './command-process.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-help-')));
const before = process.cwd();
const commandProcess = new CommandProcess();
afterAll(() => {
  commandProcess.close();
  process.chdir(before);
  rmSync(root, { recursive: true, force: true });
});

/** The page of each command, by its words. */
const pages = await Promise.all(
  commands
    .flatMap((entry) =>
      'commands' in entry
        ? entry.commands.map(({ name, load }) => ({ name: `${entry.name} ${name}`, load }))
        : [{ name: entry.name, load: entry.load }],
    )
    .map(async ({ name, load }) => ({ name, ...(await load()).command })),
);

const experiment = (name: string, loss: string, latent = 'code: dense(4)') => `experiment ${name} {
  param rho = 0.05
  data digits(take=60, validation=20, test=20) { center_crop(8) }
  encoder { h: dense(6, activation=sigmoid)  ${latent} }
  decoder { dense(6, activation=relu)  dense(input.size, activation=sigmoid) }
  loss ${loss}
  train adam(lr=0.01) { epochs = 1  batch = 20 }
  evaluate { psnr() }
  show { loss_curves() }
}
`;
const sparse = (weight: number) => experiment('sparse', `${weight} * mse() + 1e-6 * kl_sparsity(on=h, rho=rho)`);

/** What the examples speak of: two commits with lock files, runs, a sweep, an interrupted run, another database, a file of data. */
async function project(): Promise<void> {
  process.chdir(root);
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: root, encoding: 'utf8' });
  git('init', '--quiet');
  writeFileSync('.gitignore', '*\n!*.ae\n!*.lock\n!heart.csv\n');
  const latent = 'z: reparameterize { mu: dense(2)  logvar: dense(2) }';
  writeFileSync('vae.ae', experiment('vae', 'mse() + 0.01 * kl_gaussian()', latent));
  const conditional = experiment('cvae', 'mse() + 0.01 * kl_gaussian()', latent);
  writeFileSync('cvae.ae', conditional.replace('decoder {', 'decoder { condition(label) '));
  writeFileSync('faces.npy', npy(5, 28));
  writeFileSync(
    'losses.ae',
    'define loss charbonnier(epsilon = 0.001) = mean(sqrt((output - target) ** 2 + epsilon ** 2))\n',
  );
  const patients = Array.from(
    { length: 40 },
    (_, i) => `${30 + ((i * 7) % 40)},${i % 2 ? 'f' : 'm'},${i % 5},${(i * 3) % 8}\n`,
  );
  writeFileSync('heart.csv', `age,sex,pain,vessels\n${patients.join('')}`);
  writeFileSync(
    'heart.ae',
    `experiment heart {
  data csv("heart.csv", test=10) { standardize() }
  encoder { ${latent} }
  decoder { condition(columns=["age", "sex"])  dense(input.size) }
  loss mse() + 0.01 * kl_gaussian()
  train adam() { epochs = 1  batch = 10 }
}
`,
  );
  writeFileSync('job.json', job);
  for (const [i, weight] of [0.1, 1].entries()) {
    writeFileSync('sparse.ae', sparse(weight));
    expect(runs(['aedsl lock sparse.ae --seeds 2'])).toEqual([]);
    git('add', '--all');
    git('commit', '--quiet', `--message=${i}`);
  }
}

const job = JSON.stringify({
  version: 1,
  trial: 0,
  recipe: { sources: [{ path: 'sparse.ae', text: sparse(1) }], params: ['rho=0.1'], files: {} },
  words: [],
  dataFiles: {},
  seed: 1,
  expected: null,
  backend: 'auto',
  threads: 1,
  untilEpoch: null,
  checkpoints: { seconds: 30 },
  previews: false,
});

/** Square pictures. */
function npy(count: number, side: number): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, 1, ${side}, ${side}), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}\n`, 'latin1');
  return Buffer.concat([
    start,
    Buffer.from(Float32Array.from({ length: count * side * side }, (_, i) => (i % 7) / 7).buffer),
  ]);
}

/** Runs command lines one after the other. @returns those that fail, with what they said */
function runs(lines: readonly string[]): readonly string[] {
  const env = { ...process.env, CI: '1', NO_COLOR: '1', AEDSL_DATA: '' };
  return lines.flatMap((line) => {
    const { status, stdout, stderr } = commandProcess.run(wordsOf(line).slice(1), { cwd: root, env });
    return status === 0 ? [] : [`${line} → ${status}\n${stdout}${stderr}`];
  });
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

test('every command has a page that says what it does', () => {
  const place = workplace();
  const { stdout } = place.aedsl('--help');
  place.leave();
  const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name = '']) => [name]);
  expect([...new Set(pages.map(({ name }) => name.split(' ')[0]))]).toEqual(named);
  for (const { name, about, examples } of pages) {
    expect(about, name).toMatch(/^[A-Z].*\.$/);
    for (const example of examples) expect(example).toMatch(new RegExp(`^aedsl ${name}( |$)`));
  }
});

test('every example of the help runs', { timeout: 300_000 }, async () => {
  await project();
  // Nothing is downloaded, and no scheduler is asked.
  const examples = pages.flatMap(({ name, examples }) =>
    ['data fetch', 'data add', 'queue'].includes(name) ? [] : examples,
  );
  const of = (...names: readonly string[]) => examples.filter((line) => names.includes(line.split(' ')[1] ?? ''));
  const late = ['resume', 'import', 'rm', 'gc', 'verify', 'bundle', 'sync', 'task', 'host'];
  expect(
    runs(['aedsl run vae.ae', 'aedsl run cvae.ae', 'aedsl run heart.ae', 'aedsl run sparse.ae', ...of('run', 'sweep')]),
  ).toEqual([]);
  const ending = new AbortController();
  const interrupted = await run({
    ...{ source: { path: 'sparse.ae', text: sparse(1) }, params: ['rho=0.2'], backend: 'simd', store: 'results.db' },
    ...{ signal: ending.signal, listener: (event) => void (event.event === 'stage_started' && ending.abort()) },
  });
  expect(interrupted.status).toBe('interrupted');
  const rest = examples.filter((line) => ![...late, 'run', 'sweep'].includes(line.split(' ')[1] ?? ''));
  expect(runs([...of('resume'), 'aedsl run sparse.ae', ...of('bundle'), ...rest, ...of('verify')])).toEqual([]);
  copyFileSync('results.db', 'cluster.db');
  // As if the sweep had been submitted, and all of it were merged.
  const submitted = SweepFolder.of('results.db', 's1');
  submitted.plan('s1', noSlurmSettings);
  submitted.intend([[0]]);
  expect(runs([...of('task', 'host', 'sync'), ...of('import'), ...of('rm'), ...of('gc')])).toEqual([]);
});
