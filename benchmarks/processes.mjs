// Measurements run in processes of their own, one at a time.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFolder, projectFolder } from './places.mjs';

export const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const program = fileURLToPath(new URL('src/cli/main.js', builtFolder));
export const project = fileURLToPath(projectFolder);

/**
 * Runs a command to its end.
 * @param onText is shown the standard output so far, with the milliseconds since the start
 * @throws Error when it fails
 */
export function finished(command, args, { env = {}, onText = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { cwd: project, env: { ...process.env, ...env } });
    let [text, errors] = ['', ''];
    child.stdout.on('data', (part) => {
      text += part;
      onText(text, performance.now() - began);
    });
    child.stderr.on('data', (part) => {
      errors += part;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve({ text, milliseconds: performance.now() - began });
      reject(
        new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors.trim().split('\n').slice(-3).join(' ')}`),
      );
    });
  });
}

/** The JSON object that a measuring program prints. */
export async function measured(command, args, env = {}) {
  const { text } = await finished(command, args, { env });
  return JSON.parse(text.trim().split('\n').at(-1));
}

/** `aedsl run`, from the start of the process to its end. */
export const aedslRun = (args, options = {}) => finished(process.execPath, [program, 'run', ...args], options);

/** Milliseconds from the start of `aedsl run` to the first training step that it reports. */
export async function firstStep(args) {
  let first = null;
  const onText = (text, at) => {
    if (first === null && text.includes('"event":"steps"')) first = at;
  };
  await aedslRun([...args, '--no-store', '--max-steps', '1', '--json'], { onText });
  if (first === null) throw new Error('aedsl run reported no step');
  return first;
}

/** Megabytes that `aedsl run` had at most in memory. */
export async function peakMemory(args) {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-benchmark-'));
  const file = join(folder, 'kilobytes');
  try {
    const preload = ['--import', new URL('peak-memory.mjs', import.meta.url).href];
    await finished(process.execPath, [...preload, program, 'run', ...args, '--no-store'], {
      env: { AEDSL_PEAK_MEMORY: file },
    });
    return Number(readFileSync(file, 'utf8')) / 1024;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `measure` gives while another process keeps a core busy. */
export async function whileBusy(measure) {
  const other = spawn(process.execPath, [here('busy.mjs')], { stdio: 'ignore' });
  try {
    return await measure();
  } finally {
    other.kill('SIGKILL');
  }
}
