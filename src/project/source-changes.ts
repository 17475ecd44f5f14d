import { withNewlines } from '../compiler/syntax/source.js';
import type { Recipe } from './recipe.js';
import { type RecordedIn, recordedPlace } from './recorded-place.js';
import { readSourceFile, resolveFrom } from './world.js';

/**
 * Where the files of an experiment are: its own and those that it extends, each of which the one before names relative to itself.
 * @param own the place of the first
 */
export function sourcePlaces(sources: Recipe['sources'], own: string): readonly string[] {
  const places = [own];
  for (const { path } of sources.slice(1)) places.push(resolveFrom(path, { path: places.at(-1) ?? own, text: '' }));
  return places;
}

/**
 * What has become of the files that something was trained from, a sentence for each that is not what it was.
 * @param id of what goes on, `s3`
 * @param where it is recorded; null: its path means what it meant
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
    if ('problem' in now) return [`${written} is not there any more; ${id} goes on with what it was`];
    return withNewlines(now.text) === withNewlines(text)
      ? []
      : [`${written} has changed since; ${id} goes on with what it was`];
  });
}
