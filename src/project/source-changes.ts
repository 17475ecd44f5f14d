import { withNewlines } from '../compiler/syntax/source.js';
import type { Recipe } from './recipe.js';
import { type RecordedIn, recordedPlace } from './recorded-place.js';
import { readSourceFile, resolveFrom } from './world.js';

/**
 * Resolves the files of an experiment: its own and those it extends or uses, each relative to the file that names it.
 * @param own path of the first
 */
export function sourcePlaces(sources: Recipe['sources'], own: string): readonly string[] {
  const places = [own];
  for (const [i, { path, from = i }] of sources.slice(1).entries()) {
    places.push(resolveFrom(path, { path: places[from] ?? own, text: '' }));
  }
  return places;
}

/**
 * Describes, a sentence a file, how the files behind a run or sweep have changed.
 * @param id of the run or sweep, `s3`
 * @param where it is recorded; null if its path still means the same
 */
export function sourceChanges(
  { sources }: Pick<Recipe, 'sources'>,
  id: string,
  where: RecordedIn | null = null,
): readonly string[] {
  const [first] = sources;
  const own = first === undefined || where === null ? first?.path : recordedPlace(first.path, where);
  const places = own === undefined ? [] : sourcePlaces(sources, own);
  return sources.flatMap(({ path: written, text }, i) => {
    const now = readSourceFile(places[i] ?? written);
    if ('problem' in now) return [`${written} no longer exists; ${id} continues with the recorded text`];
    return withNewlines(now.text) === withNewlines(text)
      ? []
      : [`${written} has changed since; ${id} continues with the recorded text`];
  });
}
