import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { pathArguments, pathParams } from '../compiler/check/data-source.js';
import { bindExperiment } from '../compiler/compile.js';
import { parsePiece, type Stretch, splitOutsideBrackets } from '../compiler/expand/piece.js';
import type { Library } from '../compiler/library/library.js';
import type { CallExpression, Expression, StringLiteral } from '../compiler/syntax/ast.js';
import { stringLiteral } from '../compiler/syntax/literals.js';
import type { Source } from '../compiler/syntax/source.js';
import { realPath } from '../files/paths.js';
import { fileWorld, pathAsSeenFrom, resolveFrom } from './world.js';

/** Arguments that a user types besides the experiment's name. */
export interface Typed {
  readonly library: Library;
  readonly source: Source;
  /** Null for the file's first. */
  readonly experiment: string | null;
  /** `f="t.csv"`; for a sweep also axes: `f="a.csv","b.csv"`, `data=csv("a.csv"),digits` */
  readonly params: readonly string[];
  /** `csv("t.csv")`; null for the experiment's own data. */
  readonly data: string | null;
}

export interface PlacedPaths {
  readonly params: readonly string[];
  readonly data: string | null;
  /** A sentence for each file that could be mistaken for another one. */
  readonly notes: readonly string[];
}

/**
 * Resolves typed paths of data files against the current folder and rewrites them relative to the experiment's file, so
 * that a recorded run does not depend on the folder it was started in. A file that only exists beside the experiment is
 * taken from there.
 */
export function placeTypedPaths({ source, experiment, params: words, data, library }: Typed): PlacedPaths {
  const notes = new Set<string>();
  const texts = [...words, data ?? ''];
  // Most command lines name no file, so the experiment need not be read.
  if (!texts.some((text) => text.includes('"'))) return { params: words, data, notes: [] };
  const bound = bindExperiment(source, experiment, fileWorld()).value;
  const own = bound?.data.call;
  const replacement = data === null ? null : callIn(data);
  const from = replacement === null ? (bound?.data.span.source ?? source) : source;
  const call = replacement ?? own;
  const params = call && bound ? pathParams(call, bound, library) : new Set<string>();
  const target = bound?.target ?? null;
  const ofTarget = bound && target ? pathParams(target.call, bound, library) : new Set<string>();
  const place = (text: string, literals: readonly StringLiteral[], base: Source) =>
    [...literals]
      .sort((a, b) => b.span.start - a.span.start)
      .reduce((placed, { value, span }) => {
        const path = pathFromHere(value, base, notes);
        return path === value ? placed : placed.slice(0, span.start) + stringLiteral(path) + placed.slice(span.end);
      }, text);
  return {
    params: words.map((word) => {
      const equals = word.indexOf('=');
      const name = word.slice(0, Math.max(0, equals)).trim();
      if (name === 'data')
        return place(
          word,
          valuesIn(word, equals + 1).flatMap((value) => pathsInCall(value, library)),
          source,
        );
      const base = params.has(name) ? from : ofTarget.has(name) ? target?.span.source : undefined;
      if (base === undefined) return word;
      const literals = valuesIn(word, equals + 1).filter((value) => value.kind === 'string');
      return place(word, literals, base);
    }),
    data: data === null || replacement === null ? data : place(data, pathsInCall(replacement, library), source),
    notes: [...notes],
  };
}

/** Parses the expressions of a comma-separated list; leaves syntax errors to the compiler. */
function valuesIn(text: string, start: number): readonly Expression[] {
  const source: Source = { path: 'command line', text };
  const whole: Stretch = { start, end: text.length };
  return splitOutsideBrackets(text, whole, ',').flatMap((piece) => {
    const { value } = parsePiece(source, piece.start, piece.end);
    return value === null ? [] : [value];
  });
}

function callIn(text: string): CallExpression | null {
  const [value, ...others] = valuesIn(text, 0);
  return value?.kind === 'call' && others.length === 0 ? value : null;
}

function pathsInCall(value: Expression, library: Library): readonly StringLiteral[] {
  return value.kind === 'call' ? pathArguments(value, library).filter((argument) => argument.kind === 'string') : [];
}

function pathFromHere(path: string, base: Source, notes: Set<string>): string {
  if (isAbsolute(path)) return path;
  const [here, beside] = [resolve(path), resolve(resolveFrom(path, base))];
  if (here === beside) return path;
  const shown = relative(process.cwd(), beside);
  const isBeside = existsSync(beside);
  if (isBeside && !existsSync(here)) {
    notes.add(`'${path}' is not here: reading ${shown}, beside ${base.path}`);
    return path;
  }
  if (isBeside && realPath(here) !== realPath(beside)) {
    notes.add(`'${path}' is read from here, and not from ${shown}, beside ${base.path}`);
  }
  return pathAsSeenFrom(base, here);
}
