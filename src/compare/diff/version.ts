import type { CompiledExperiment } from '../../compiler/compile.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import { compileRecipe } from '../../project/recipe.js';
import type { ExperimentPlace } from '../../project/versioned-project.js';
import type { LockError } from '../../runtime/provenance/lock-file.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import type { Words } from '../../words/word.js';
import { lockAt, sectionsOf } from '../lock/locked.js';
import type { SnapshotWorld } from './snapshot-world.js';

/** An experiment at one of the compared places, with its known results. */
export interface Version {
  /** `HEAD~1`, `working tree`, `r12` */
  readonly title: string;
  /** Its location; null for a run, which stores its own text. */
  readonly place: ExperimentPlace | null;
  readonly name: string;
  readonly source: Source;
  /** Null if it does not compile; `diagnostics` says why. */
  readonly compiled: CompiledExperiment | null;
  readonly diagnostics: readonly Diagnostic[];
  /** SHA-256 of the data files and image folders it names, by path. */
  readonly dataFiles: ReadonlyMap<string, string>;
  readonly results: readonly ResultSet[];
  readonly lockProblem: LockError | null;
}

export interface ResultSet {
  /** `rho=0.05`; empty for the experiment as written. */
  readonly params: readonly string[];
  readonly measured: Measured;
  readonly from: 'lock' | 'results';
  /** Content hash of the text and params now; null if they do not compile. */
  readonly recomputed: string | null;
  /** Checksum of the version's data; absent if not checked. */
  readonly dataNow?: string;
  /** Stored runs by seed, if known. */
  readonly runs: readonly (string | null)[];
}

/** Reads an experiment from a snapshot; null if the file does not exist. */
export function versionAt(place: ExperimentPlace, world: SnapshotWorld, words: Words): Version | null {
  const source = world.source(place.file);
  if (source === null) return null;
  const dataFiles = new Map<string, string>();
  const noting: World = {
    readSource: (path, from) => world.readSource(path, from),
    readTable: (path, from) => world.readTable(path, from),
    pathSeenFrom: (base, path) => world.pathSeenFrom(base, path),
    describeFile: (from) => (request, used, format) => {
      const description = world.describeFile(from)(request, used, format);
      const data = world.dataOf(request, from);
      if (data !== null) dataFiles.set(data.path, data.sha256);
      return description;
    },
  };
  const { compiled, diagnostics } = compiledWith([], source, place.name, noting, words);
  const locked = lockAt(world.snapshot, place.file);
  return {
    title: world.snapshot.title,
    place,
    name: place.name,
    source,
    compiled,
    diagnostics: diagnostics.filter(({ severity }) => severity === 'error'),
    dataFiles,
    lockProblem: locked.kind === 'unreadable' ? locked.problem : null,
    results: sectionsOf(locked, place.name).map((section) => ({
      params: section.params,
      measured: section,
      from: 'lock',
      recomputed:
        section.params.length === 0
          ? (compiled?.hash ?? null)
          : (compiledWith(section.params, source, place.name, world, words).compiled?.hash ?? null),
      runs: section.seeds.map(() => null),
    })),
  };
}

/** Compiles an experiment with params. */
export function compiledWith(
  params: readonly string[],
  source: Source,
  experiment: string,
  world: World,
  words: Words,
): { readonly compiled: CompiledExperiment | null; readonly diagnostics: readonly Diagnostic[] } {
  const data = params.find((param) => param.startsWith('data='))?.slice('data='.length) ?? null;
  const own = params.filter((param) => !param.startsWith('data='));
  const recipe = { sources: [source], experiment, params: own, data, epochs: null, maxSteps: null, files: {} };
  const { value, diagnostics } = compileRecipe(recipe, world, { library: words });
  return { compiled: hasErrors(diagnostics) ? null : value, diagnostics };
}

/** Returns whether the results belong to the current text and data, as this compiler understands the text. */
export function isCurrent(results: ResultSet): boolean {
  const { measured, recomputed } = results;
  return (recomputed === null || measured.experiment === recomputed) && !isOfOtherData(results);
}

/** Returns whether the results belong to data other than the version's. */
export function isOfOtherData({ measured, dataNow }: ResultSet): boolean {
  return dataNow !== undefined && measured.data.sha256 !== dataNow;
}
