import { join } from 'node:path';
import { ownValue } from '../../compiler/ir/value.js';
import { numericsVersion } from '../../numerics/version.js';
import { readSourceFile } from '../../project/world.js';
import { InstallationError } from '../../results/packages/execute.js';
import { installPackages } from '../../results/packages/install.js';
import type { BackendName } from '../../runtime/backend/backend.js';
import { checkOut } from '../../runtime/provenance/checkout.js';
import { lockPath } from '../../runtime/provenance/lock-file.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import type { Repository } from '../../runtime/provenance/repository.js';
import { mean } from '../../runtime/statistics/statistics.js';
import { ExperimentError } from '../../sweep/run.js';
import type { ExperimentHistory } from '../diff/history.js';
import { endValues } from '../diff/results-difference.js';
import { isCurrent, type Version } from '../diff/version.js';
import { type MeasureOptions, measure, trialOf } from '../lock/measure.js';
import type { Condition } from './condition.js';
import { engineAt, trainInstalled } from './installation.js';

export interface TrialSettings extends Omit<MeasureOptions, 'reuse'> {
  readonly backend: BackendName | 'auto';
  /** Called before slow work other than training. */
  readonly onProgress?: (text: string) => void;
}

/** A commit's result. */
export interface Tried {
  /** Mean over the seeds; null if unknown. */
  readonly value: number | null;
  /** By seed; empty if unknown. */
  readonly values: readonly number[];
  readonly from: 'lock' | 'the same content' | 'training' | 'its own aedsl' | null;
  readonly reason: string | null;
}

/** Tries commits, each distinct content once. */
export class CommitTrials {
  readonly #repository: Repository;
  readonly #history: ExperimentHistory;
  readonly #condition: Condition;
  readonly #settings: TrialSettings & { readonly install: boolean };
  readonly #byContent = new Map<string, Tried>();
  readonly #versions = new Map<string, Version | null>();

  constructor(
    repository: Repository,
    history: ExperimentHistory,
    condition: Condition,
    settings: TrialSettings & { readonly install: boolean },
  ) {
    this.#repository = repository;
    this.#history = history;
    this.#condition = condition;
    this.#settings = settings;
  }

  /** The result without training: from the commit's lock file, or because the commit cannot be tried. */
  known(commit: string): Tried | null {
    const version = this.#versionAt(commit);
    if (version === null) return nothing('the experiment does not exist');
    // A text that does not compile here may compile with the commit's own version.
    if (version.compiled === null && !this.#settings.install) {
      return nothing(`it does not compile: ${version.diagnostics[0]?.message}`);
    }
    const locked = version.results.find((set) => set.params.length === 0 && isCurrent(set));
    const values = locked ? this.#valuesOf(locked.measured) : null;
    if (values === null || !this.#isLockedByItsEngine(commit, version)) return null;
    const tried = { value: mean(values), values, from: 'lock', reason: null } as const;
    this.#byContent.set(this.#content(commit, version), tried);
    return tried;
  }

  /** Trains a commit, unless one with the same content was trained. */
  async train(commit: string): Promise<Tried | 'interrupted'> {
    const version = this.#versionAt(commit);
    if (version === null) return nothing('the experiment does not exist');
    const content = this.#content(commit, version);
    const same = this.#byContent.get(content);
    if (same) return { ...same, from: 'the same content' };
    const checkout = checkOut(this.#repository, commit);
    try {
      const tried = this.#settings.install
        ? await this.#trainInstalled(version, checkout.folder, commit)
        : await this.#trainHere(version, checkout.folder);
      if (tried !== 'interrupted') this.#byContent.set(content, tried);
      return tried;
    } finally {
      checkout.close();
    }
  }

  async #trainHere({ place, name }: Version, folder: string): Promise<Tried | 'interrupted'> {
    const source = readSourceFile(join(folder, fileOf(place)));
    if ('problem' in source) return nothing(source.problem);
    const subject = { source, experiment: name, params: [], data: null };
    try {
      const settings = { ...this.#settings, reuse: true };
      const measured = await measure(subject, await trialOf(subject, settings), settings);
      if (measured === null) return 'interrupted';
      if (measured.diverged.length > 0) return nothing(`it diverged with ${seedsText(measured.diverged)}`);
      return this.#result(endValues(measured, this.#condition.metric) ?? [], 'training');
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      return nothing(error.message.split('\n')[0] ?? 'it does not compile');
    }
  }

  async #trainInstalled({ place, name }: Version, folder: string, commit: string): Promise<Tried | 'interrupted'> {
    const { seeds, backend, signal, onProgress } = this.#settings;
    const source = readSourceFile(join(folder, fileOf(place)));
    if ('problem' in source) return nothing(source.problem);
    const values: number[] = [];
    try {
      const sha = commit.slice(0, 7);
      onProgress?.(`laying out ${sha} with its own aedsl`);
      const onInstall = () => onProgress?.(`installing the packages of ${sha}`);
      await installPackages(folder, { scripts: true, signal, onInstall });
      for (const seed of seeds) {
        const metrics = await trainInstalled({
          folder,
          source,
          experiment: name,
          seed,
          backend,
          signal,
        });
        values.push(ownValue(metrics, this.#condition.metric) ?? Number.NaN);
      }
    } catch (error) {
      if (signal.aborted) return 'interrupted';
      if (error instanceof InstallationError) return nothing(error.message);
      throw error;
    }
    return this.#result(values, 'its own aedsl');
  }

  #result(values: readonly number[], from: 'training' | 'its own aedsl'): Tried {
    const { metric } = this.#condition;
    const broken = this.#settings.seeds.filter((_, i) => !Number.isFinite(values[i]));
    if (values.length === 0) return nothing(`it has no metric '${metric}'`);
    if (broken.length === 0) return { value: mean(values), values, from, reason: null };
    return nothing(`it has no metric '${metric}', or it is not a finite number, with ${seedsText(broken)}`);
  }

  /** Values of the requested seeds, if the results have all of them from an engine with the same arithmetic. */
  #valuesOf(measured: Measured): readonly number[] | null {
    const { seeds, numerics, backend } = measured;
    const { backend: wanted, install: own } = this.#settings;
    const values = endValues(measured, this.#condition.metric);
    if (!values || (!own && numerics !== numericsVersion) || (wanted !== 'auto' && wanted !== backend)) return null;
    const chosen = this.#settings.seeds.map((seed) => values[seeds.indexOf(seed)]);
    const known = chosen.flatMap((value) => (value !== undefined && Number.isFinite(value) ? [value] : []));
    return known.length === chosen.length ? known : null;
  }

  /**
   * A commit whose engine changed since its lock was written may have other results; that change is what is searched
   * for.
   */
  #isLockedByItsEngine(commit: string, { place }: Version): boolean {
    if (!this.#settings.install || place === null) return true;
    const written = this.#repository.commitsBetween(null, commit, [lockPath(place.file)]).at(-1);
    return written !== undefined && engineAt(this.#repository, written) === engineAt(this.#repository, commit);
  }

  #versionAt(commit: string): Version | null {
    const known = this.#versions.get(commit);
    if (known !== undefined) return known;
    const version = this.#history.versionAt(commit);
    this.#versions.set(commit, version);
    return version;
  }

  /** Identifies a commit's content: experiment, data and, with its own installation, engine. */
  #content(commit: string, { compiled, source, dataFiles }: Version): string {
    const engine = this.#settings.install ? engineAt(this.#repository, commit) : '';
    return JSON.stringify([compiled?.hash ?? source.text, [...dataFiles], engine]);
  }
}

function seedsText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}

function nothing(reason: string): Tried {
  return { value: null, values: [], from: null, reason };
}

function fileOf(place: Version['place']): string {
  if (place === null) throw new RangeError('a version of a commit has a place');
  return place.file;
}
