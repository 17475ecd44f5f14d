import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { parse } from '../../compiler/syntax/parse.js';
import type { Place } from './project.js';
import type { SnapshotWorld } from './snapshot-world.js';
import { compiledWith } from './version.js';

export interface PlacePair {
  readonly old: Place | null;
  readonly new: Place | null;
}

/**
 * Which experiment became which. Those of the same file and name are the same; of the others, what has the same content or
 * the same name was moved or renamed, else what has most of its lines in common.
 */
export function pairPlaces(
  before: readonly Place[],
  after: readonly Place[],
  old: SnapshotWorld,
  now: SnapshotWorld,
): readonly PlacePair[] {
  const key = ({ file, name }: Place) => `${file}:${name}`;
  const same = (a: Place, b: Place) => key(a) === key(b);
  let restOld = before.filter((place) => !after.some((other) => same(place, other)));
  let restNew = after.filter((place) => !before.some((other) => same(place, other)));
  const renamed = new Map<string, Place>();
  const hash = (place: Place, world: SnapshotWorld) => {
    const source = world.source(place.file);
    return source && (compiledWith([], source, place.name, world).compiled?.hash ?? null);
  };
  const rules: readonly ((a: Place, b: Place) => boolean)[] = [
    (a, b) => hash(a, old) !== null && hash(a, old) === hash(b, now),
    (a, b) => a.name === b.name,
    (a, b) => likeness(textOf(a, old), textOf(b, now)) >= 0.5,
  ];
  for (const rule of rules) {
    for (const place of restNew) {
      const partner = restOld.find((candidate) => rule(candidate, place));
      if (!partner) continue;
      renamed.set(key(place), partner);
      restOld = restOld.filter((each) => each !== partner);
    }
    restNew = restNew.filter((place) => !renamed.has(key(place)));
  }
  const pairs = after.map(
    (place): PlacePair => ({
      old: before.find((other) => same(place, other)) ?? renamed.get(key(place)) ?? unreadable(place, old),
      new: place,
    }),
  );
  return [...pairs, ...restOld.map((place): PlacePair => ({ old: place, new: unreadable(place, now) }))];
}

/** The same place in a file that does not parse, where the experiment may well be. */
function unreadable(place: Place, world: SnapshotWorld): Place | null {
  const source = world.source(place.file);
  return source !== null && hasErrors(parse(source).diagnostics) ? place : null;
}

function textOf({ file }: Place, world: SnapshotWorld): string {
  return world.source(file)?.text ?? '';
}

/** The share of lines that two texts have in common. */
function likeness(a: string, b: string): number {
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const [one, other] = [lines(a), lines(b)];
  const rest = [...other];
  const common = one.filter((line) => {
    const index = rest.indexOf(line);
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  }).length;
  return common / Math.max(1, one.length, other.length);
}
