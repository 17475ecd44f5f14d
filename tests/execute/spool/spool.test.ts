import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putFile, readJob, writeJob } from '../../../src/execute/command/job-folder.js';
import { InProcessExecutor } from '../../../src/execute/in-process.js';
import type { TrialJob, TrialMessage } from '../../../src/execute/job.js';
import { Attempts } from '../../../src/execute/spool/attempts.js';
import { SpoolExecutor } from '../../../src/execute/spool/spool-executor.js';
import { lastLine, SpoolReader, SpoolWriter } from '../../../src/execute/spool/spool-file.js';
import { workToSpool } from '../../../src/execute/spool/work-to-spool.js';
import { builtinWords } from '../../../src/words/words.js';
import { preparedJob } from '../jobs.js';

const root = mkdtempSync(join(tmpdir(), 'aedsl-spool-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const text = `experiment small {
  data digits(take=40, validation=10, test=10) { center_crop(8) }
  encoder { dense(6, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 3  batch = 20 }
  evaluate { knn(k=3) }
}
`;

let job: TrialJob;
let path = '';
const folder = () => dirname(path);
beforeAll(async () => {
  job = await preparedJob(text);
  const own = join(root, '4');
  mkdirSync(own);
  path = writeJob(own, job, { folder: root, prefix: 'r1' });
});

function train(signal = new AbortController().signal, submission: number | null = null) {
  return workToSpool(path, { library: builtinWords, dataFolder: null, signal, submission, task: '12_0' });
}

const spoolOf = (number: number) => join(folder(), `attempt-000${number}`, 'messages.jsonl');

/** Starts the job as often as it is told that it halted, as a sweep does. */
async function merged(given: TrialJob = job): Promise<{ readonly messages: TrialMessage[]; readonly starts: number }> {
  const executor = new SpoolExecutor({ folderOf: () => folder() });
  const kept = mkdtempSync(join(root, 'kept-'));
  const messages: TrialMessage[] = [];
  let from = given.from;
  for (let starts = 1; ; starts++) {
    const last = await new Promise<TrialMessage>((resolve) => {
      executor.start({ ...given, from }, { alone: false, checkpoints: { folder: kept, prefix: 'r1' } }, (message) => {
        messages.push(message);
        if (message.type === 'checkpoint') from = message.checkpoint;
        if (message.type === 'ended' || message.type === 'failed') resolve(message);
      });
    });
    if (last.type !== 'ended' || last.end.status !== 'interrupted' || starts > 5) return { messages, starts };
  }
}

function direct(): Promise<readonly TrialMessage[]> {
  const messages: TrialMessage[] = [];
  return new Promise((resolve) => {
    new InProcessExecutor({ library: builtinWords }).start(job, { alone: false, checkpoints: null }, (message) => {
      messages.push(message);
      if (message.type === 'ended' || message.type === 'failed') resolve(messages);
    });
  });
}

const weightsOf = (messages: readonly TrialMessage[]) =>
  messages.flatMap((message) => (message.type === 'trained' ? message.result.weightsSha256 : []))[0];
/** Values of all steps by metric, in the order in which they were told. */
function series(messages: readonly TrialMessage[]): Readonly<Record<string, readonly number[]>> {
  const found: Record<string, number[]> = {};
  for (const message of messages) {
    for (const event of message.type === 'events' ? message.events : []) {
      if (event.event !== 'steps') continue;
      for (const [metric, values] of Object.entries(event.series))
        found[metric] = [...(found[metric] ?? []), ...values];
    }
  }
  return found;
}

test('an attempt goes on where the one before was cut, and what is merged is the training without interruption', async () => {
  expect(await train(AbortSignal.abort())).toBe('interrupted');
  // Killed while it wrote a line, after its second checkpoint.
  expect(await train()).toBe('complete');
  const whole = readFileSync(spoolOf(2), 'utf8');
  const lines = whole.split('\n');
  const second = lines.map((line) => line.includes('"type":"checkpoint"')).indexOf(true, 5) + 1;
  writeFileSync(spoolOf(2), `${lines.slice(0, second).join('\n')}\n${lines[second]?.slice(0, 9)}`);
  const attempts = new Attempts(folder());
  expect(attempts.end()).toBeNull();

  // Twice told to end before their first step: their only checkpoint is the one they began from.
  expect(await train(AbortSignal.abort())).toBe('interrupted');
  expect(await train(AbortSignal.abort())).toBe('interrupted');
  expect(await train(undefined, 7)).toBe('complete');
  expect(
    attempts.list().map(({ number, submission, task, from }) => [number, submission, task, from === null]),
  ).toEqual([
    [1, null, '12_0', true],
    [2, null, '12_0', false],
    [3, null, '12_0', false],
    [4, null, '12_0', false],
    [5, 7, '12_0', false],
  ]);
  // It has ended: nothing trains, whoever asks.
  expect(await train(undefined, 8)).toBe('complete');
  expect(attempts.list()).toHaveLength(5);

  const [expected, found] = [await direct(), await merged()];
  expect(found.starts).toBe(3);
  expect(weightsOf(found.messages)).toBe(weightsOf(expected));
  expect(series(found.messages)).toEqual(series(expected));
  const types = new Set(found.messages.map(({ type }) => type));
  // After a second, it also reports its pace.
  types.delete('report');
  expect([...types].sort()).toEqual(['checkpoint', 'ended', 'events', 'machine', 'trained']);

  // The end is cut as well: only its evaluations are missing, and the same weights come out.
  truncateSync(spoolOf(5), readFileSync(spoolOf(5)).length - 5);
  expect(attempts.end()).toBeNull();
  expect(await train()).toBe('complete');
  expect(weightsOf((await merged()).messages)).toBe(weightsOf(expected));
});

test('of a trial that was merged up to its evaluation, only the rest is told', async () => {
  const { messages } = await merged({ ...job, trained: new Uint8Array(1) });
  const types = messages.map(({ type }) => type).filter((type) => type !== 'report' && type !== 'events');
  expect(types).toEqual(['ended']);
});

test('a training halts at its rung, is told up to there, and goes on from there when it is asked to', async () => {
  const own = join(root, '6');
  mkdirSync(own);
  const kept = mkdtempSync(join(root, 'kept-'));
  const attempts = new Attempts(own);
  const write = (changes: Partial<TrialJob>) => writeJob(own, { ...job, ...changes }, { folder: kept, prefix: 'r1' });
  const options = { library: builtinWords, dataFolder: null, signal: new AbortController().signal, task: null };
  const atRung = { as: 'at_rung', epoch: 1 };
  const left: (number | null)[] = [];
  const others = {
    start({ untilEpoch }: TrialJob) {
      left.push(untilEpoch);
      return null;
    },
    close: () => Promise.resolve(),
  };
  // Each sync has its own.
  const newExecutor = () => new SpoolExecutor({ folderOf: () => own, others });
  const told = (changes: Partial<TrialJob>, executor = newExecutor()) =>
    new Promise<readonly TrialMessage[]>((resolve) => {
      const messages: TrialMessage[] = [];
      const place = { alone: false, checkpoints: { folder: kept, prefix: 'r1' } };
      const started = executor.start({ ...job, ...changes }, place, (message) => {
        messages.push(message);
        if (message.type === 'ended' || message.type === 'failed') resolve(messages);
      });
      if (started === null) resolve([]);
    });

  const asked = write({ untilEpoch: 1 });
  expect(await told({ untilEpoch: 1 })).toEqual([]);
  expect(await workToSpool(asked, { ...options, submission: 1 })).toBe('interrupted');
  expect([attempts.end(1), attempts.end(2)]).toMatchObject([atRung, null]);
  const toRung = await told({ untilEpoch: 1 });
  expect(toRung.at(-1)).toMatchObject({ type: 'ended', end: { status: 'interrupted', atEpoch: 1 } });
  const [from] = toRung.flatMap((message) => (message.type === 'checkpoint' ? message.checkpoint : []));
  if (from === undefined) throw new Error('it reports no checkpoint');
  expect(from.epochs).toBe(1);
  // What the results have is not told again, but that it is there.
  expect(await told({ from, untilEpoch: 1 })).toEqual([toRung.at(-1)]);
  expect(await told({ from, untilEpoch: 2 })).toEqual([]);
  expect(left).toEqual([1, 2]);

  // Killed before it said so: the next attempt has nothing to train.
  const spool = join(own, 'attempt-0001', 'messages.jsonl');
  truncateSync(spool, readFileSync(spool).length - 5);
  expect(attempts.end()).toBeNull();
  expect(await workToSpool(asked, { ...options, submission: 1 })).toBe('interrupted');
  expect(attempts.end(1)).toMatchObject(atRung);
  expect((await told({ untilEpoch: 1 })).at(-1)).toMatchObject({ type: 'ended', end: { status: 'interrupted' } });
  expect((await told({ from, untilEpoch: 1 })).at(-1)).toEqual(toRung.at(-1));
  expect(await told({ from, untilEpoch: 2 })).toEqual([]);

  const failed = (reason: string) => [
    expect.objectContaining({ type: 'failed', reason: expect.stringContaining(reason) }),
  ];
  // A spool that halts again and again is not reported for ever.
  const once = newExecutor();
  expect(await told({ from, untilEpoch: 1 }, once)).toEqual([toRung.at(-1)]);
  expect(await told({ from, untilEpoch: 1 }, once)).toEqual(failed('leads back to where the results are'));
  const second = join(own, 'attempt-0002', 'messages.jsonl');
  const good = readFileSync(second, 'utf8');
  const checkpoint = (changes: object) =>
    `${JSON.stringify({ type: 'checkpoint', checkpoint: { ...from, ...changes } })}\n`;
  const beforeEnd = (line: string) => good.replace(/.*"type":"ended".*\n$/, (ended) => `${line}${ended}`);
  const changed = async (content: string, changes: Partial<TrialJob>) => {
    writeFileSync(second, content);
    const messages = await told(changes);
    writeFileSync(second, good);
    return messages.slice(-1);
  };
  expect(await changed(good.replace(/(.*"type":"ended".*\n)$/, '$1$1'), { from, untilEpoch: 1 })).toEqual(
    failed('goes on after its end'),
  );
  expect(await changed(beforeEnd(checkpoint({ epochs: 0 })), { from, untilEpoch: 1 })).toEqual(
    failed('elsewhere than at its rung'),
  );
  expect(await changed(good.replace('"atEpoch":1', '"atEpoch":3'), { from, untilEpoch: 2 })).toEqual(
    failed('no attempt goes on from'),
  );
  expect(await changed(beforeEnd(checkpoint({ sha256: 'abc' })), { from, untilEpoch: 2 })).toEqual(
    failed('halted again at epoch 1'),
  );

  // The results got further elsewhere: whoever trains on begins where they are.
  const later = { ...from, step: from.step + 1, ...putFile(kept, 'later', new Uint8Array(3)) };
  expect(await told({ from: later, untilEpoch: 2 })).toEqual([]);
  expect(await told({ from: later, untilEpoch: 1 })).toEqual(failed('no attempt goes on from'));
  const aside = join(own, '..', '6b');
  cpSync(own, aside, { recursive: true });
  const begun = new Attempts(aside).begin(
    readJob(writeJob(aside, { ...job, from: later }, { folder: kept, prefix: 'r1' })),
    {
      submission: 2,
      task: null,
    },
  );
  expect(begun.job.from).toMatchObject({ step: later.step, sha256: later.sha256 });
  // What an attempt reached from elsewhere meanwhile doesn't lead on from there.
  begun.spool.close();
  const further = { ...later, step: later.step + 2, ...putFile(begun.folder, 'further', new Uint8Array(4)) };
  const between = { ...later, step: later.step + 1, ...putFile(begun.folder, 'between', new Uint8Array(6)) };
  appendFileSync(join(begun.folder, 'messages.jsonl'), checkpoint(between) + checkpoint(further));
  const going = (from: TrialJob['from']) => {
    const { job: asked, spool } = new Attempts(aside).begin({ ...job, from }, { submission: 3, task: null });
    spool.close();
    return asked.from?.step;
  };
  expect(going({ ...later, file: 'from.safetensors' })).toBe(further.step);
  // Nobody goes back behind the results, even if a file is damaged.
  writeFileSync(join(begun.folder, 'further'), '');
  expect(going({ ...further, ...putFile(aside, 'same', new Uint8Array(4)) })).toBe(further.step);
  const other = { ...later, ...putFile(aside, 'other', new Uint8Array(5)) };
  expect(going(other)).toBe(other.step);

  expect(await workToSpool(write({ from }), { ...options, submission: 2 })).toBe('complete');
  expect(attempts.isOver(1)).toBe(true);
  const rest = await told({ from });
  expect(weightsOf(rest)).toBe(weightsOf(await direct()));
  expect(series([...toRung, ...rest])).toEqual(series(await direct()));
});

test('what is no spool of the trial is not believed', async () => {
  const good = readFileSync(spoolOf(6), 'utf8');
  const changed = async (content: string) => {
    writeFileSync(spoolOf(6), content);
    const { messages } = await merged();
    return messages.at(-1);
  };
  const reason = (text: string) => expect.objectContaining({ type: 'failed', reason: expect.stringContaining(text) });
  expect(await changed(good.replace(/"identity":"\w{8}/, '"identity":"00000000'))).toEqual(reason('of another trial'));
  expect(await changed(good.replace(/"trial":4/, '"trial":5'))).toEqual(reason('of another trial'));
  expect(await changed(good.replace('{"type":"machine"', '{"type":"mean"'))).toEqual(reason('is not one of'));
  expect(await changed(good.replace('{"type":"machine"', 'machine'))).toEqual(reason('is not JSON'));
  expect(await changed(good.replace(/.*"type":"trained".*\n/, ''))).toEqual(reason('without its weights'));
  expect(await changed(good.replace(/(.*"type":"trained".*\n)/, '$1$1'))).toEqual(reason('twice'));
  expect(await changed(good.replace(/(.*)("type":"ended".*\n)/, '$1$2$1$2'))).toEqual(reason('after its end'));
  const interrupted = good.replace(
    /.*"type":"ended".*\n/,
    (ended) => ended.replace('"complete"', '"interrupted"') + ended,
  );
  expect(await changed(interrupted)).toEqual(reason('after its end'));
  expect(await changed(good.replace('weights.safetensors', '../../weights'))).toEqual(reason('not a plain file name'));
  const weights = join(folder(), 'attempt-0006', 'weights.safetensors');
  const bytes = readFileSync(weights);
  writeFileSync(weights, bytes.subarray(1));
  expect(await changed(good)).toEqual(reason('its checksum differs'));
  writeFileSync(weights, bytes);
  expect(await changed(`${good}{"type":"ended"}\n`)).toEqual(reason('has no end'));
  expect(await changed('')).toEqual(reason('has no end'));
  expect(await changed(good)).toMatchObject({ type: 'ended', end: { status: 'complete' } });
  // The results have a checkpoint that no attempt began from.
  const from = { stage: 0, step: 3, epochs: 1, seconds: 1, file: 'x', sha256: 'abc', bytes: 1 };
  expect((await merged({ ...job, from })).messages.at(-1)).toEqual(reason('no attempt goes on from'));
  // Attempts that lead to each other.
  const beginning = (at: string) => good.replace(/"from":"\w+"/, `"from":"${at}"`);
  const leading = (at: string, to: string) =>
    `${beginning(at).split('\n')[0]}\n${JSON.stringify({ type: 'checkpoint', checkpoint: { ...from, sha256: to } })}\n`;
  writeFileSync(spoolOf(4), leading('a', 'b'));
  writeFileSync(spoolOf(5), leading('b', 'a'));
  expect(await changed(beginning('a'))).toEqual(reason('round in a circle'));
});

test('a failure counts for the submission that saw it, and until something else was tried', async () => {
  const own = join(root, '5');
  mkdirSync(own);
  const attempts = new Attempts(own);
  attempts.fail(job, { submission: 1, task: null }, { reason: 'no time', hint: 'give more' });
  expect(attempts.end(1)).toMatchObject({ as: 'failed', reason: 'no time' });
  expect(attempts.end()).toMatchObject({ as: 'failed' });
  expect(attempts.end(2)).toBeNull();
  const { spool } = attempts.begin(job, { submission: 2, task: null });
  expect(attempts.end()).toBeNull();
  spool.close();
  // Another process may have taken the next number meanwhile.
  writeFileSync(join(own, 'attempt-0003'), '');
  attempts.begin(job, { submission: 2, task: null }).spool.close();
  expect(attempts.list().map(({ number }) => number)).toEqual([1, 2, 4]);
});

test('only complete lines of a growing file are read, and none twice', () => {
  const file = join(root, 'lines');
  const writer = new SpoolWriter(file);
  const reader = new SpoolReader(file);
  expect([...reader.read()]).toEqual([]);
  expect(lastLine(file)).toBeNull();
  writer.write('one', false);
  appendFileSync(file, 'tw');
  expect([...reader.read()]).toEqual(['one']);
  expect(lastLine(file)).toBe('one');
  appendFileSync(file, 'o\n\nthree');
  expect([...reader.read()]).toEqual(['two', '']);
  expect(lastLine(file)).toBe('');
  const long = 'ä'.repeat(700_000);
  appendFileSync(file, `\n${long}\n`);
  expect([...reader.read()]).toEqual(['three', long]);
  expect(lastLine(file)).toBe(long);
  writer.close();
  expect(() => new SpoolWriter(file)).toThrow('EEXIST');
  writeFileSync(file, 'x\n');
  expect(() => [...reader.read()]).toThrow('has become shorter');
});
