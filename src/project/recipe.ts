import { dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { type CompiledExperiment, type CompileOptions, compile } from '../compiler/compile.js';
import { hasErrors, type Outcome } from '../compiler/diagnostics/diagnostic.js';
import type { DescribedCondition, FileContents, FileDescription, FileRequest } from '../compiler/library/data-file.js';
import type { Library } from '../compiler/library/library.js';
import { failed, ok } from '../compiler/library/word.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import {
  anyNumber,
  count,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  readJson,
  recordOf,
  type Schema,
  text,
} from '../runtime/formats/json.js';
import { readParams } from './params.js';
import { recordedPath } from './recorded-place.js';

/**
 * Everything that a run was made from except the bytes of its data: enough to compile it again when its file has
 * changed or is gone.
 */
export interface Recipe {
  /** Its own file first, then those it extends or uses, by the paths that name them. */
  readonly sources: readonly RecipeSource[];
  /** An experiment of the first source; null for its first. */
  readonly experiment: string | null;
  /** `rho=0.05`, as typed. */
  readonly params: readonly string[];
  /** Replaces the experiment's data, such as `digits`; null for its own. */
  readonly data: string | null;
  /** Replaces every stage's epochs. */
  readonly epochs: number | null;
  /** Updates after which each stage ends; null for no limit. */
  readonly maxSteps: number | null;
  /** Descriptions of data files for the compiler, by request. */
  readonly files: Readonly<Record<string, FileDescription>>;
}

/** A text of a recipe. */
export interface RecipeSource extends Source {
  /** Index of the source that names it; absent for the one before it. */
  readonly from?: number;
}

export interface RecipeOptions {
  readonly library: Library;
  readonly mostParameters?: number | null;
}

export interface TypedOptions extends Omit<CompileOptions, 'assignments' | 'data'> {
  readonly params: readonly string[];
  readonly data: string | null;
}

/** Compiles an experiment with params and data as a user types them. */
export function compileTyped(
  source: Source,
  experiment: string | null,
  { params, data, ...options }: TypedOptions,
): Outcome<CompiledExperiment> {
  const { diagnostics: misread, ...given } = readParams(params, data);
  const compiled = compile(source, experiment, { ...options, ...given });
  const diagnostics = [...misread, ...compiled.diagnostics];
  return { value: hasErrors(diagnostics) ? null : compiled.value, diagnostics };
}

/** Compiles a recipe, in a world restricted to what the recipe recorded and `world` allows. */
export function compileRecipe(recipe: Recipe, world: World, options: RecipeOptions): Outcome<CompiledExperiment> {
  const [source] = recipe.sources;
  if (!source) throw new RangeError('a recipe needs the text of its experiment');
  return compileTyped(source, recipe.experiment, {
    library: options.library,
    world,
    params: recipe.params,
    data: recipe.data,
    epochs: recipe.epochs,
    maxSteps: recipe.maxSteps,
    ...(options.mostParameters ? { mostParameters: options.mostParameters } : {}),
  });
}

/** The world of a stored recipe: its own texts, and its recorded descriptions of data files. */
export function worldOf(recipe: Recipe): World {
  const indices = new WeakMap<Source, number>();
  return {
    readSource(path, from) {
      const naming = indices.get(from) ?? 0;
      const others = recipe.sources.flatMap((source, index) => (index > 0 && source.path === path ? [index] : []));
      const index = others.find((i) => (recipe.sources[i]?.from ?? i - 1) === naming) ?? others[0];
      const stored = index === undefined ? undefined : recipe.sources[index];
      if (index === undefined || stored === undefined) return { problem: 'the run was stored without it' };
      // It is stored under the name that its child uses, and names files relative to its own place.
      const source: Source = { text: stored.text, path: isAbsolute(path) ? path : join(dirname(from.path), path) };
      indices.set(source, index);
      return source;
    },
    readTable: () => ({ problem: 'a run is stored with its own values, and not with the tables of its sweep' }),
    pathSeenFrom: (_, path) => path,
    describeFile: () => (request) => {
      const description = recipe.files[requestKey(request)];
      return description ? ok(description) : failed('AE701', `the run was stored without '${request.path}'`);
    },
  };
}

/** A world that records every request, to make a recipe of them. */
export function recordingWorld(world: World): {
  world: World;
  sources: RecipeSource[];
  files: Record<string, FileDescription>;
} {
  const sources: RecipeSource[] = [];
  const indices = new WeakMap<Source, number>();
  const files: Record<string, FileDescription> = {};
  return {
    sources,
    files,
    world: {
      ...world,
      readSource(path, from) {
        const source = world.readSource(path, from);
        if ('problem' in source) return source;
        const naming = indices.get(from) ?? 0;
        const known = sources.findIndex((each, i) => each.path === path && (each.from ?? i) === naming);
        if (known < 0) {
          sources.push({ path, text: source.text, ...(naming === sources.length ? {} : { from: naming }) });
        }
        // The experiment's own text precedes them.
        indices.set(source, known < 0 ? sources.length : known + 1);
        return source;
      },
      describeFile: (from) => (request, used, format) => {
        const description = world.describeFile(from)(request, used, format);
        const key = requestKey(request);
        // Trials with fewer examples look at less of a large table.
        if (description.ok && description.value.count >= (files[key]?.count ?? 0))
          files[key] = remembered(description.value);
        return description;
      },
    },
  };
}

/** Class positions, warnings and what is known of memory are only needed before the training. */
function remembered(described: FileDescription): FileDescription {
  const { classPlaces: _, doubts: __, constants: ___, mostByte: ____, ...rest } = described;
  const { staysAbove: _____, valueBytes: ______, readingBytes: _______, selected, ...description } = rest;
  if (selected === undefined) return description;
  const { kept, trained } = selected;
  return { ...description, selected: { kept, trained } };
}

function requestKey(request: FileRequest): string {
  return JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws JsonError if the text is not a recipe */
export function parseRecipe(json: string): Recipe {
  try {
    return readJson(recipe, json, 'the recipe');
  } catch (error) {
    if (error instanceof JsonError) throw new JsonError(`the stored recipe is invalid: ${error.message}`);
    throw error;
  }
}

/**
 * Rewrites a recipe for a database, so that it survives a move of the project. @param database null: nothing is stored
 */
export function recordedRecipe(recipe: Recipe, database: string | null): Recipe {
  const [own, ...others] = recipe.sources;
  if (own === undefined || database === null) return recipe;
  return { ...recipe, sources: [{ ...own, path: recordedPath(own.path, database) }, ...others] };
}

export function stringifyRecipe(recipe: Recipe): string {
  return JSON.stringify({
    ...recipe,
    sources: recipe.sources.map(({ path, text, from }) => (from === undefined ? { path, text } : { path, text, from })),
  });
}

const limits = { sources: 1000, params: 10_000, files: 10_000, dimensions: 16, names: 10_000_000 } as const;
const names = nullable(listOf(text, limits.names));
const numbers = listOf(anyNumber, limits.names);

const fileContents: Schema<FileContents> = object({
  numbers: oneOf('bytes', 'integers', 'reals'),
  columns: names,
  classNames: names,
  featureRanges: nullable(object({ low: numbers, high: numbers })),
});

const condition: Schema<DescribedCondition> = object({
  name: text,
  categories: names,
  low: anyNumber,
  high: anyNumber,
});

/** JSON has no infinities: a missing end is an infinite one. */
const range: Schema<FileDescription['range']> = v.pipe(
  object({ low: nullable(anyNumber), high: nullable(anyNumber), lowOpen: v.unknown(), highOpen: v.unknown() }),
  v.transform(({ low, high, lowOpen, highOpen }) => ({
    low: low ?? -Infinity,
    high: high ?? Infinity,
    lowOpen: lowOpen === true,
    highOpen: highOpen === true,
  })),
);

const fileDescription: Schema<FileDescription> = object({
  shape: listOf(count, limits.dimensions),
  count,
  range,
  classes: nullable(count),
  selected: v.exactOptional(object({ kept: count, trained: count })),
  conditions: v.exactOptional(listOf(condition, limits.names)),
  indicators: v.exactOptional(listOf(count, limits.names)),
  contents: v.exactOptional(fileContents),
  values: v.exactOptional(numbers),
});

const recipe: Schema<Recipe> = object({
  sources: listOf(object({ path: text, text, from: v.exactOptional(count) }), limits.sources),
  experiment: nullable(text),
  params: listOf(text, limits.params),
  data: nullable(text),
  epochs: nullable(count),
  maxSteps: nullable(count),
  files: recordOf(fileDescription, limits.files),
});
