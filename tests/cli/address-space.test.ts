import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, lines, program, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.leave());

const GIBIBYTE = 1024 ** 2;

/** Runs a command with a limit of addresses in KiB, as batch systems set it. */
function limited(kilobytes: number, ...args: readonly string[]): Finished {
  const command = `ulimit -v ${kilobytes}; exec "${process.execPath}" "${program}" ${args.map((argument) => `'${argument}'`).join(' ')}`;
  return spawnSync('bash', ['-c', command], {
    cwd: place.folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '1', NO_COLOR: '1', XDG_CACHE_HOME: place.folder },
  });
}

// Elsewhere the system sets no such limit.
describe.runIf(process.platform === 'linux')('with a limit of address space', () => {
  const train = [
    'experiments/sparse.ae',
    '--data',
    'digits(take=64, test=4)',
    '--max-steps',
    '2',
    '--no-store',
    '--json',
  ];

  it('a run has the bits that it has without', () => {
    const weights = ({ stdout }: Finished) => lines(stdout).find(({ event }) => event === 'trial_done')?.weightsSha256;
    const free = place.aedsl('run', ...train);
    expect(weights(free)).toMatch(/^[0-9a-f]{64}$/);
    for (const gibibytes of [1.25, 8]) {
      const narrow = limited(gibibytes * GIBIBYTE, 'run', ...train);
      expect([narrow.status, narrow.stderr]).toEqual([0, free.stderr]);
      expect(weights(narrow)).toBe(weights(free));
      expect(lines(narrow.stdout).find(({ event }) => event === 'started')?.backend).toBe('simd');
    }
  });

  it('a training that does not fit is refused before it begins, with what fits', () => {
    writeFileSync(
      join(place.folder, 'large.ae'),
      `experiment large {
        data digits(take=1000, test=1) { resize(64) }
        encoder { conv2d(64, kernel=3, padding=1, activation=relu)  code: conv2d(64, kernel=3, padding=1) }
        decoder { conv2d(1, kernel=3, padding=1, activation=sigmoid) }
        loss mse()
        train adam() { epochs = 1  batch = 1000 }
      }`,
    );
    const refusals = [
      limited(6 * GIBIBYTE, 'check', 'large.ae'),
      limited(6 * GIBIBYTE, 'run', 'large.ae', '--no-store'),
      limited(6 * GIBIBYTE, 'sweep', 'large.ae', '--seeds', '2', '--no-store'),
    ];
    for (const { status, stdout, stderr } of refusals) {
      const told = stdout + stderr;
      expect(status, told).toBe(3);
      expect(told).toMatch(
        /AE406 error large.ae:6:\d+\ntraining needs about \d\.\d GiB of memory, but only \d\.\d GiB is available\n/,
      );
      expect(told).toMatch(/hint: batch = \d+ needs about \S+ [GM]iB/);
    }
  });

  it('that is too low no other backend takes the place of simd, which says what to do', () => {
    // As a program that imports the package is started: with V8's trap handler.
    const script = `import { run } from '${new URL('../../dist/src/index.js', import.meta.url).href}';
      const source = { path: 'x.ae', text: 'experiment x { data digits(take=8, test=1) encoder { dense(2) } decoder { dense(input.size) } loss mse() train adam() { epochs=1 batch=8 } }' };
      await run({ source, store: null, maxSteps: 1 }).then(() => console.log('trained'), ({ message, hint }) => console.log(message + '; ' + hint));`;
    const command = `ulimit -v ${8 * GIBIBYTE}; exec "${process.execPath}" --input-type=module -e "$SCRIPT"`;
    const { stdout } = spawnSync('bash', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, SCRIPT: script },
    });
    expect(stdout).toBe(
      "the backend 'simd' cannot be used: the simd backend cannot reserve memory: `ulimit -v` allows 8 GiB of addresses; " +
        'raise the limit (`ulimit -v unlimited`), start Node with --disable-wasm-trap-handler, ' +
        'or choose another backend, whose results differ in the last bits: --backend cpu\n',
    );
  });

  it('exit codes, arguments and signals pass through', async () => {
    const wrong = limited(8 * GIBIBYTE, 'run', 'experiments/nowhere.ae');
    expect(wrong).toEqual({ ...wrong, status: place.aedsl('run', 'experiments/nowhere.ae').status });
    const long = [
      'experiments/sparse.ae',
      '--data',
      "'digits(take=64, test=4)'",
      '--epochs',
      '9999',
      '--no-store',
      '--json',
    ];
    const child = spawn(
      'bash',
      ['-c', `ulimit -v ${8 * GIBIBYTE}; exec "${process.execPath}" "${program}" run ${long.join(' ')}`],
      { cwd: place.folder, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, CI: '1' } },
    );
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      if (String(chunk).includes('"trial_started"')) break;
    }
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
  });
});

it('where simd cannot start, neither run nor lock nor sweep trains with another backend', () => {
  const commands = [
    ['run', 'experiments/first.ae', '--no-store'],
    ['sweep', 'experiments/first.ae', '--seeds', '2', '--no-store'],
    ['lock', 'experiments/first.ae'],
  ];
  for (const command of commands) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-expose-wasm', program, ...command], {
      cwd: place.folder,
      encoding: 'utf8',
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
    });
    expect([status, stdout], stderr).toEqual([4, '']);
    expect(stderr).toContain('the simd backend needs WebAssembly, which this Node was started without');
    expect(stderr).toContain('--backend cpu');
  }
});
