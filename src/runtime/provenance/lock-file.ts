import { createHash } from 'node:crypto';
import { presentNames } from '../../metrics/former-names.js';
import type { BestEpoch, Measured } from './measured.js';

/** Locked results of one experiment of a file, for one choice of params. */
export interface LockSection extends Measured {
  /** Name of the experiment in the file. */
  readonly name: string;
  /** `rho=0.05`; empty for the experiment as written. */
  readonly params: readonly string[];
  /** Digests of the first seed's first steps, so that a check need not train to the end. */
  readonly chain: readonly LockedLink[];
}

/** A step digest from a training whose stages are cut short. */
export interface LockedLink {
  readonly seed: number;
  readonly stage: string;
  /** Completed updates of the stage. */
  readonly step: number;
  readonly sha256: string;
}

export interface LockFile {
  readonly sections: readonly LockSection[];
}

export type LockProblem = 'conflict' | 'altered' | 'malformed' | 'newer';

export class LockError extends Error {
  override readonly name = 'LockError';

  constructor(
    readonly problem: LockProblem,
    readonly path: string,
    /** From 1; null if the problem is the whole file. */
    readonly line: number | null,
    message: string,
    readonly hint: string,
  ) {
    super(`${path}${line === null ? '' : `:${line}`}: ${message}`);
  }
}

const format = 1;

/** `experiments/sparse.ae` → `experiments/sparse.ae.lock` */
export function lockPath(file: string): string {
  return `${file}.lock`;
}

/** Heading of a section: `sparse rho=0.05`. */
export function sectionTitle({ name, params }: Pick<LockSection, 'name' | 'params'>): string {
  return [name, ...params].join(' ');
}

/**
 * Formats a lock file: a section per experiment, `key = value` lines with sorted keys, one value per seed.
 * Deterministic.
 */
export function formatLock({ sections }: LockFile): string {
  const sorted = [...sections].sort((a, b) => compare(sectionTitle(a), sectionTitle(b)));
  const header = `# aedsl lock ${format}: results that anyone gets. Made by \`aedsl lock\`, compared by \`aedsl lock --check\`.\n`;
  return [header, ...sorted.map(formatSection)].join('\n');
}

function formatSection(section: LockSection): string {
  const title = sectionTitle(section);
  const entries = entriesOf(section);
  const lines = [...entries, entry('checksum', checksumOf(title, entries))].sort(compareKeys);
  return `[${title}]\n${lines.map(({ key, value }) => `${key} = ${value}\n`).join('')}`;
}

interface Entry {
  readonly key: string;
  readonly value: string;
}

function entry(key: string, value: string): Entry {
  return { key, value };
}

function entriesOf(section: LockSection): readonly Entry[] {
  const { backend, data, experiment, initial, kernels, numerics, package: version, seeds, weights, diverged } = section;
  const list = (values: readonly number[]) => values.map(String).join(' ');
  const entries = [
    entry('backend', backend),
    entry('data', `${data.name} ${data.sha256}`),
    ...(diverged.length > 0 ? [entry('diverged', list(diverged))] : []),
    entry('experiment', experiment),
    ...(initial === null ? [] : [entry('initial', initial)]),
    ...(kernels === null ? [] : [entry('kernels', kernels)]),
    entry('numerics', numerics),
    ...(version === null ? [] : [entry('package', version)]),
    ...section.params.map((param) => entry(`param ${nameOf(param)}`, param.slice(nameOf(param).length + 1))),
    ...section.chain.map(({ seed, stage, step, sha256 }) =>
      entry(`chain ${seed} ${stage} ${String(step).padStart(3, '0')}`, sha256),
    ),
    entry('seeds', list(seeds)),
    ...seeds.map((seed, i) => {
      const sha256 = weights[i];
      if (sha256 === undefined) throw new RangeError(`the seed ${seed} has no hash of its weights`);
      return entry(`weights ${seed}`, sha256);
    }),
    ...Object.entries(section.metrics).map(([name, values]) => entry(`metric ${name}`, list(values))),
    ...Object.entries(section.best).map(([name, values]) =>
      entry(`best ${name}`, values.map(({ value, epoch }) => `${value}@${epoch}`).join(' ')),
    ),
  ];
  return entries.sort(compareKeys);
}

function nameOf(param: string): string {
  return param.slice(0, param.indexOf('='));
}

function compareKeys(a: Entry, b: Entry): number {
  return compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checksumOf(title: string, entries: readonly Entry[]): string {
  const text = [`[${title}]`, ...entries.map(({ key, value }) => `${key} = ${value}`)].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Parses a lock file.
 * @param path as named by the error
 * @throws LockError for a merge conflict, a manual edit, a damaged text, or the format of a later aedsl
 */
export function parseLock(text: string, path: string): LockFile {
  const lines = text.split(/\r?\n/);
  refuseConflict(lines, path);
  const version = /^# aedsl lock (\d+)/.exec(lines[0] ?? '')?.[1];
  if (version === undefined) throw malformed(path, 1, 'this is not a lock file: its first line does not say so');
  if (Number(version) > format) {
    const message = `made by a later aedsl (format ${version}, this one reads ${format})`;
    throw new LockError('newer', path, 1, message, 'use the aedsl that made it, or a later one');
  }
  const blocks: { title: string; line: number; entries: Entry[] }[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const title = /^\[(.+)\]$/.exec(line)?.[1];
    if (title !== undefined) {
      blocks.push({ title, line: i + 1, entries: [] });
      continue;
    }
    const [, key, value] = /^([^=]+?) = (.*)$/.exec(line) ?? [];
    const block = blocks.at(-1);
    if (key === undefined || value === undefined || !block) {
      throw malformed(path, i + 1, `'${line.slice(0, 40)}' is not a line of a lock file`);
    }
    block.entries.push(entry(key, value));
  }
  return { sections: blocks.map((block) => readSection(block.title, block.entries, path, block.line)) };
}

/** Names of the experiments in a lock file, even if little else of it is readable. */
export function lockedNames(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/^\[([^\]\s]+)/gm)].map(([, name = '']) => name))];
}

function refuseConflict(lines: readonly string[], path: string): void {
  const start = lines.findIndex((line) => /^<{7}( |$)/.test(line));
  if (start < 0 && !lines.some((line) => /^>{7}( |$)/.test(line))) return;
  const side = (marker: RegExp, otherwise: string) =>
    lines
      .find((line) => marker.test(line))
      ?.slice(8)
      .trim() || otherwise;
  const ours = side(/^<{7}/, 'one side');
  const theirs = side(/^>{7}/, 'the other');
  throw new LockError(
    'conflict',
    path,
    start < 0 ? null : start + 1,
    `a merge left both results in it, those of ${ours} and those of ${theirs}; what the merged experiment gives is neither`,
    'resolve the .ae file first, then run `aedsl lock`; there is nothing to choose by hand',
  );
}

function malformed(path: string, line: number | null, message: string): LockError {
  return new LockError('malformed', path, line, message, '`aedsl lock` writes it again; git has earlier versions');
}

function readSection(title: string, entries: readonly Entry[], path: string, line: number): LockSection {
  const counted = entries.filter(({ key }) => key !== 'checksum').sort(compareKeys);
  const checksum = entries.find(({ key }) => key === 'checksum')?.value;
  if (checksum !== checksumOf(title, counted)) {
    throw new LockError(
      'altered',
      path,
      line,
      `[${title}] differs from what aedsl wrote: it was edited by hand, or damaged`,
      '`aedsl lock` trains again and rewrites it; git has the earlier version',
    );
  }
  const value = (key: string): string => {
    const found = counted.find((each) => each.key === key)?.value;
    if (found === undefined) throw malformed(path, line, `[${title}] has no line '${key} = …'`);
    return found;
  };
  const optional = (key: string): string | null => counted.find((each) => each.key === key)?.value ?? null;
  const under = (kind: string): readonly Entry[] =>
    counted
      .filter(({ key }) => key.startsWith(`${kind} `))
      .map(({ key, value: text }) => entry(key.slice(kind.length + 1), text));
  const [dataName = '', dataSha256 = ''] = value('data').split(' ');
  const seeds = numbers(value('seeds'));
  return {
    name: title.split(' ')[0] ?? title,
    params: under('param').map(({ key, value: text }) => `${key}=${text}`),
    experiment: value('experiment'),
    data: { name: dataName, sha256: dataSha256 },
    initial: optional('initial'),
    backend: value('backend'),
    numerics: value('numerics'),
    kernels: optional('kernels'),
    package: optional('package'),
    seeds,
    weights: seeds.map((seed) => value(`weights ${seed}`)),
    metrics: presentNames(Object.fromEntries(under('metric').map(({ key, value: text }) => [key, numbers(text)]))),
    best: presentNames(
      Object.fromEntries(under('best').map(({ key, value: text }) => [key, text.split(' ').map(bestEpoch)])),
    ),
    diverged: numbers(optional('diverged') ?? ''),
    chain: under('chain').map(({ key, value: sha256 }) => {
      const [seed = '', stage = '', step = ''] = key.split(' ');
      return { seed: Number(seed), stage, step: Number(step), sha256 };
    }),
  };
}

function numbers(text: string): readonly number[] {
  return text === '' ? [] : text.split(' ').map(Number);
}

function bestEpoch(text: string): BestEpoch {
  const [value = '', epoch = ''] = text.split('@');
  return { value: Number(value), epoch: Number(epoch) };
}
