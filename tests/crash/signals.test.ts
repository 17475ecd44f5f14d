import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { lines, type Workplace, workplace } from '../cli/command.js';
import Database from '../sqlite.js';
import { bringHeldWords, heldWords, open, shut } from './held-training.js';
import { sweepRows } from './sweep-rows.js';
import { killAll, Sweeping } from './sweeping.js';

const doors = { pretraining: 1, training: 2 };

/** Pretrained and corrupted; each stage can be held. */
const experiment = `experiment told {
  param rate = 0.01
  data digits(take=300, validation=100, test=100) { center_crop(16) }
  corrupt masking(0.2)
  encoder { code: dense(24, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm(on=[code], lr=held(0.1, ${doors.pretraining})) { epochs = 6  batch = 10 }
  loss mse()
  train adam(lr=held(rate, ${doors.training})) { epochs = 12  batch = 10  keep = best }
  show { filters(code)  loss_curves() }
}
`;
const sweep = ['sweep', 'told.ae', 'rate=0.002,0.01', ...heldWords];
const another = ['sweep', 'told.ae', 'rate=0.01,0.05', '--epochs', '10', ...heldWords];
const resume = ['resume', ...heldWords];

const places: Workplace[] = [];
function place(): Workplace {
  const made = workplace();
  places.push(made);
  writeFileSync(join(made.folder, 'told.ae'), experiment);
  bringHeldWords(made.folder);
  return made;
}
const databaseOf = ({ folder }: Workplace) => join(folder, 'results.db');

let expected: readonly string[];
/** With the other sweep after it. */
let expectedOfBoth: readonly string[];
beforeAll(() => {
  const straight = place();
  expect(straight.aedsl(...sweep, '--reporter', 'silent').status).toBe(0);
  expected = sweepRows(databaseOf(straight));
  expect(straight.aedsl(...another, '--reporter', 'silent').status).toBe(0);
  expectedOfBoth = sweepRows(databaseOf(straight));
}, 120_000);
afterAll(() => {
  for (const { leave } of places) leave();
});

afterEach(killAll);

interface Checkpoint {
  readonly run: number;
  readonly file: string;
}

/** Newest first. */
function checkpointsOf(at: Workplace): readonly Checkpoint[] {
  const database = new Database(databaseOf(at), { readonly: true });
  try {
    return database.prepare<[], Checkpoint>('SELECT run, file FROM checkpoints ORDER BY checkpoint DESC').all();
  } finally {
    database.close();
  }
}

test('a sweep that is told to end keeps its place, however it is told, and goes on to the same results', {
  timeout: 240_000,
}, async () => {
  const at = place();
  shut(at.folder, doors.pretraining);
  let command = sweep;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const one = new Sweeping(at.folder, ...command);
    await one.printed('"event":"steps"');
    one.child.kill(signal);
    expect(await one.ended).toBe(130);
    expect(one.err).toContain('finishing the step');
    expect(lines(one.out).at(-1)).toMatchObject({ event: 'ended', status: 'interrupted' });
    expect(lines(at.aedsl('ls', '--json').stdout)[0]).toMatchObject({ sweepId: 's1', status: 'interrupted' });
    expect(checkpointsOf(at).length).toBeGreaterThan(0);
    command = resume;
  }
  shut(at.folder, doors.training);
  open(at.folder, doors.pretraining);
  const twice = new Sweeping(at.folder, ...resume);
  await twice.printed('"event":"steps"');
  twice.child.kill('SIGINT');
  await twice.printed('interrupt again to leave now', 1, 'err').catch(() => undefined);
  twice.child.kill('SIGINT');
  expect(await twice.ended).toBe(130);
  expect(lines(at.aedsl('ls', '--json').stdout)[0]).toMatchObject({ sweepId: 's1', status: 'interrupted' });

  open(at.folder, doors.training);
  expect(at.aedsl(...resume, '--reporter', 'silent').status).toBe(0);
  expect(sweepRows(databaseOf(at))).toEqual(expected);
});

test('a damaged checkpoint is not trusted: the one before it is, and that is said', { timeout: 240_000 }, async () => {
  const at = place();
  const damage = (file: string) => {
    const path = join(`${databaseOf(at)}.checkpoints`, file);
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    writeFileSync(path, bytes);
  };
  shut(at.folder, doors.pretraining);
  const one = new Sweeping(at.folder, ...sweep, '--jobs', '1', '--checkpoint-every', '0.02s');
  await one.printed('"event":"checkpoint"', 3);
  one.signalWithItsHost('SIGKILL');
  await one.ended;
  const [newest] = checkpointsOf(at);
  damage(newest?.file ?? '');
  shut(at.folder, doors.training);
  open(at.folder, doors.pretraining);
  const second = new Sweeping(at.folder, ...resume, '--jobs', '1', '--checkpoint-every', '0.02s');
  await second.printed('"event":"checkpoint"', 3);
  second.signalWithItsHost('SIGKILL');
  await second.ended;
  expect(second.out).toContain('cannot be used (its file is missing or damaged); the one before it is');

  for (const { file } of checkpointsOf(at)) damage(file);
  open(at.folder, doors.training);
  const last = new Sweeping(at.folder, ...resume);
  expect(await last.ended).toBe(0);
  expect(last.out.split('cannot be used').length).toBe(3);
  expect(last.out).not.toContain('the one before it is');
  expect(sweepRows(databaseOf(at))).toEqual(expected);
});

test('two processes on one database train at once, each its own, and both keep everything', {
  timeout: 240_000,
}, async () => {
  const at = place();
  shut(at.folder, doors.training);
  const first = new Sweeping(at.folder, ...sweep);
  await first.printed('"event":"steps"');
  const second = new Sweeping(at.folder, ...another);
  await second.printed('"event":"steps"');
  expect(lines(at.aedsl('ls', '--json').stdout)).toMatchObject([
    { sweepId: 's2', status: 'running' },
    { sweepId: 's1', status: 'running' },
  ]);
  for (const what of ['s1', 'r1']) {
    const refused = at.aedsl('resume', what, ...heldWords);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain(`s1 is being written by process ${first.child.pid}`);
    expect(refused.stderr).toContain(`aedsl ${sweep.join(' ')}`);
  }
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  open(at.folder, doors.training);
  expect(await second.ended).toBe(0);
  expect(lines(second.out)[0]).toMatchObject({ event: 'started', id: 's2' });
  expect(at.aedsl('resume', 's1', '--reporter', 'silent', ...heldWords).status).toBe(0);
  expect(sweepRows(databaseOf(at))).toEqual(expectedOfBoth);
});
