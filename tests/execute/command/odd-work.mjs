/** A program that is given a job and does otherwise than it should, in the way that its first argument names. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , way, path, ...rest] = process.argv;
const folder = dirname(path);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const end = (status = 'complete') => ({
  type: 'ended',
  end: {
    status,
    metrics: { 'test.loss': 'NaN', zero: '-0' },
    weightsSha256: '0',
    pictures: [],
    failures: [],
    unfinished: false,
  },
});
const bytes = Buffer.from('state');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const trained = () => {
  const file = (name) => {
    writeFileSync(join(folder, name), bytes);
    return { file: name, sha256, bytes: bytes.length };
  };
  const [weights, chain] = [file('weights'), file('chain')];
  const result = { metrics: {}, weightsSha256: '0', divergence: null, seconds: 1, curves: [], weights, chain };
  return { type: 'trained', result: { status: 'complete', ...result } };
};
const checkpoint = (changes) => ({
  type: 'checkpoint',
  checkpoint: {
    stage: 0,
    step: 4,
    epochs: 1,
    seconds: 1,
    file: 'c-0-4.safetensors',
    sha256,
    bytes: bytes.length,
    ...changes,
  },
});

const ways = {
  banner: () => process.stdout.write('Welcome to node7\n'),
  half: () => process.stdout.write('{"type":"note","te'),
  code() {
    process.stderr.write('loading\nError: no such module\nat line 3\n');
    process.exitCode = 3;
  },
  killed: () => process.kill(process.pid, 'SIGKILL'),
  nothing() {},
  escapes() {
    say(checkpoint({ file: '../../elsewhere' }));
    say(end());
  },
  checkpoints() {
    writeFileSync(join(folder, 'c-0-4.safetensors'), bytes);
    say(checkpoint());
    say(checkpoint({ step: 5, file: 'missing' }));
    say(trained());
    say(end());
    say({ type: 'note', text: 'after the end' });
  },
  pieces() {
    const lines = [{ type: 'note', text: 'größer' }, end('interrupted')].map(
      (message) => `${JSON.stringify(message)}\n`,
    );
    const all = Buffer.from(lines.join(''));
    let at = 0;
    const timer = setInterval(() => {
      if (at >= all.length) clearInterval(timer);
      else process.stdout.write(all.subarray(at, ++at));
    }, 1);
  },
  weightless: () => say(end()),
  twice() {
    say(trained());
    say(trained());
    say(end());
  },
  waits() {
    process.stdin.on('data', (text) => {
      say({ type: 'note', text: text.toString().trim() });
      say(end('interrupted'));
      process.exit(0);
    });
    say({ type: 'note', text: 'waiting' });
  },
  /** It and a process that it started pay no heed to anybody. */
  stays() {
    process.on('SIGTERM', () => {});
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    say({ type: 'note', text: String(child.pid) });
    setInterval(() => {}, 1000);
  },
  /** The first time, it kills the real program after its first checkpoint, and passes on nothing that came later. */
  dies() {
    const mark = join(folder, '..', '..', 'died');
    const dying = !existsSync(mark);
    if (dying) writeFileSync(mark, '');
    const [program, ...args] = rest;
    const child = spawn(process.execPath, [program, ...args, path], { stdio: ['inherit', 'pipe', 'inherit'] });
    let died = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (died) return;
      process.stdout.write(`${line}\n`);
      died = dying && line.startsWith('{"type":"checkpoint"');
      if (died) child.kill('SIGKILL');
    });
    child.on('close', (code) => process.exit(died ? 9 : code));
  },
};
readFileSync(path);
ways[way]();
