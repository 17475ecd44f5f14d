import { withNewlines } from '../compiler/syntax/source.js';
import { type RecordedIn, recordedPlace } from './project/recorded-place.js';
import type { Recipe } from './recipe.js';
import { readSourceFile, resolveFrom } from './world.js';

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
  const places: string[] = [];
  return sources.flatMap(({ path: written, text }) => {
    // Each extends the next, and names it relative to itself.
    const child = places.at(-1);
    const own = where === null ? written : recordedPlace(written, where);
    const place = child === undefined ? own : resolveFrom(written, { path: child, text: '' });
    places.push(place);
    const now = readSourceFile(place);
    if ('problem' in now) return [`${written} is not there any more; ${id} goes on with what it was`];
    return withNewlines(now.text) === withNewlines(text)
      ? []
      : [`${written} has changed since; ${id} goes on with what it was`];
  });
}
