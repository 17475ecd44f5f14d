import { count, lenient, listOf, object, readJson, text, truth } from '../formats/json.js';
import type { RunRecord } from '../store/records.js';

/** One line of a run's description. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Lists the parts hashed into a run's identity: two runs that agree in all of them are the same trial. */
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

/** Set for a run that was cut short; a full run's identity has none. */
function stepLimit({ source }: RunRecord): readonly Fact[] {
  const { maxSteps } = readJson(object({ maxSteps: lenient(count) }), source, 'the recipe');
  return maxSteps === null ? [] : [{ name: 'steps of a stage', value: String(maxSteps) }];
}

/** Most untracked files listed, and words of a command line. */
const mostFiles = 1_000_000;

const said = lenient(text);

/** The recorded environment of a run; earlier versions of aedsl omitted some fields. */
const environment = object({
  package: lenient(object({ version: said, lockfileSha256: said, kernelsSha256: said })),
  git: lenient(
    object({
      commit: said,
      branch: said,
      dirty: lenient(truth),
      diff: said,
      untracked: lenient(listOf(text, mostFiles)),
    }),
  ),
  node: said,
  os: lenient(object({ platform: said, release: said, arch: said })),
  cpu: lenient(object({ model: said, cores: lenient(count) })),
  commandLine: lenient(listOf(text, mostFiles)),
});

/** Engine that made a run; null for what an earlier version of aedsl did not record. */
export function recordedEngine(json: string): { readonly version: string | null; readonly kernels: string | null } {
  const { package: recorded } = readJson(environment, json, 'the environment');
  return { version: recorded?.version ?? null, kernels: recorded?.kernelsSha256 ?? null };
}

/**
 * Describes where and with what a run was made. That is recorded beside its identity and never part of it. Skips what
 * earlier versions of aedsl did not record.
 * @param json as stored with the run
 */
export function describeEnvironment(json: string): readonly Fact[] {
  const { package: engine, git, node, os, cpu, commandLine } = readJson(environment, json, 'the environment');
  const facts: readonly (Fact | { readonly name: string; readonly value: null })[] = [
    { name: 'aedsl', value: engine?.version ?? null },
    { name: 'package lock', value: engine?.lockfileSha256 ?? null },
    { name: 'kernels', value: engine?.kernelsSha256 ?? null },
    { name: 'commit', value: git?.commit ?? null },
    { name: 'branch', value: git && (git.branch ?? 'none (detached)') },
    { name: 'changes', value: git && uncommitted(git) },
    { name: 'node', value: node },
    { name: 'system', value: os && [os.platform, os.release, os.arch].filter((known) => known !== null).join(' ') },
    { name: 'processor', value: cpu && [cpu.model, coresText(cpu.cores)].filter((known) => known !== null).join(', ') },
    { name: 'command', value: commandLine?.join(' ') ?? null },
  ];
  return facts.flatMap(({ name, value }) => (value === null || value === '' ? [] : [{ name, value }]));
}

interface Changes {
  readonly dirty: boolean | null;
  readonly diff: string | null;
  readonly untracked: readonly string[] | null;
}

function uncommitted({ dirty, diff, untracked }: Changes): string {
  if (untracked !== null && untracked.length > 0) return `${untracked.join(', ')}: in no commit`;
  if (dirty !== true) return 'none';
  const lines = diff === null ? 0 : diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line)).length;
  return lines > 0 ? `${lines} lines that were not committed` : 'some that were not committed';
}

function coresText(cores: number | null): string | null {
  return cores === null ? null : `${cores} cores`;
}
