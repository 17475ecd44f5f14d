import { parseJson } from '../formats/json-value.js';
import type { RunRecord } from '../store/records.js';

/** A line of what is known of a run. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** The parts that a run's identity is the hash of: two runs that agree in all of them are the same trial. */
export function describeIdentity(run: RunRecord): readonly Fact[] {
  return [
    { name: 'experiment', value: run.ir.sha256 },
    { name: 'data', value: `${run.data} ${run.dataSha256}` },
    { name: 'seed', value: String(run.seed) },
    { name: 'backend', value: run.backend },
    { name: 'numerics', value: run.numerics },
    ...(run.initialSha256 === null ? [] : [{ name: 'initial weights', value: run.initialSha256 }]),
    ...stepLimit(run),
  ];
}

/** Of a run that was cut short; a whole one has none in its identity. */
function stepLimit({ source }: RunRecord): readonly Fact[] {
  const recipe = parseJson(source);
  const steps: unknown = isObject(recipe) ? Reflect.get(recipe, 'maxSteps') : null;
  return typeof steps === 'number' ? [{ name: 'steps of a stage', value: String(steps) }] : [];
}

/**
 * Where and with what a run was made, which stands beside its identity and is never part of it. What an older aedsl did
 * not record is left out.
 * @param json as it is stored with the run
 */
export function describeEnvironment(json: string): readonly Fact[] {
  const environment = parseJson(json);
  const read = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), environment);
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  const git = isObject(read('git'));
  const command: unknown = read('commandLine');
  const facts: readonly Fact[] = [
    { name: 'aedsl', value: text(read('package', 'version')) },
    { name: 'package lock', value: text(read('package', 'lockfileSha256')) },
    { name: 'kernels', value: text(read('package', 'kernelsSha256')) },
    { name: 'commit', value: text(read('git', 'commit')) },
    { name: 'branch', value: git ? text(read('git', 'branch')) || 'none (detached)' : '' },
    {
      name: 'changes',
      value: git ? uncommitted(read('git', 'dirty'), read('git', 'diff'), read('git', 'untracked')) : '',
    },
    { name: 'node', value: text(read('node')) },
    {
      name: 'system',
      value: ['platform', 'release', 'arch']
        .map((key) => text(read('os', key)))
        .join(' ')
        .trim(),
    },
    { name: 'processor', value: processor(text(read('cpu', 'model')), text(read('cpu', 'cores'))) },
    { name: 'command', value: Array.isArray(command) ? command.join(' ') : '' },
  ];
  return facts.filter(({ value }) => value !== '');
}

function uncommitted(dirty: unknown, diff: unknown, untracked: unknown): string {
  if (Array.isArray(untracked) && untracked.length > 0) return `${untracked.map(String).join(', ')}: in no commit`;
  if (dirty !== true) return 'none';
  const lines = typeof diff === 'string' ? diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line)).length : 0;
  return lines > 0 ? `${lines} lines that were not committed` : 'some that were not committed';
}

function processor(model: string, cores: string): string {
  return cores === '' ? model : `${model}, ${cores} cores`.replace(/^, /, '');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
