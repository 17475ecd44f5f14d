import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { parse } from '../../compiler/syntax/parse.js';
import type { ExperimentPlace } from '../../project/versioned-project.js';
import type { Words } from '../../words/word.js';
import type { SnapshotWorld } from './snapshot-world.js';
import { compiledWith } from './version.js';

export interface PlacePair {
  readonly old: ExperimentPlace | null;
  readonly new: ExperimentPlace | null;
}

/** Least shares of common lines for experiments with the same name, and with different ones. */
const [likeNamesake, likeAnother] = [0.3, 0.5];

/**
 * Matches old and new experiments. The same file and name match; then equal content, which was moved or renamed; then
 * the most similar, if similar enough.
 */
export function pairPlaces(
  before: readonly ExperimentPlace[],
  after: readonly ExperimentPlace[],
  old: SnapshotWorld,
  now: SnapshotWorld,
  words: Words,
): readonly PlacePair[] {
  const key = ({ file, name }: ExperimentPlace) => `${file}:${name}`;
  const same = (a: ExperimentPlace, b: ExperimentPlace) => key(a) === key(b);
  let restOld = before.filter((place) => !after.some((other) => same(place, other)));
  let restNew = after.filter((place) => !before.some((other) => same(place, other)));
  const renamed = new Map<string, ExperimentPlace>();
  const facts = new Map([
    ...restOld.map((place) => [place, factsOf(place, old, words)] as const),
    ...restNew.map((place) => [place, factsOf(place, now, words)] as const),
  ]);
  const hash = (place: ExperimentPlace) => facts.get(place)?.hash ?? null;
  const alike = (a: ExperimentPlace, b: ExperimentPlace) =>
    likeness(facts.get(a)?.text ?? '', facts.get(b)?.text ?? '');
  // Confidence that two are the same; 0 if they are not.
  const rules: readonly ((a: ExperimentPlace, b: ExperimentPlace) => number)[] = [
    (a, b) => (hash(a) !== null && hash(a) === hash(b) ? 1 + alike(a, b) : 0),
    (a, b) => (a.name === b.name && alike(a, b) >= likeNamesake ? alike(a, b) : 0),
    (a, b) => (alike(a, b) >= likeAnother ? alike(a, b) : 0),
  ];
  for (const rule of rules) {
    const sure = restNew
      .flatMap((place) => restOld.map((candidate) => ({ place, candidate, by: rule(candidate, place) })))
      .filter(({ by }) => by > 0)
      .sort((a, b) => b.by - a.by);
    for (const { place, candidate } of sure) {
      if (renamed.has(key(place)) || !restOld.includes(candidate)) continue;
      renamed.set(key(place), candidate);
      restOld = restOld.filter((each) => each !== candidate);
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

/** The same place in a broken file, which may well contain the experiment. */
function unreadable(place: ExperimentPlace, world: SnapshotWorld): ExperimentPlace | null {
  const source = world.source(place.file);
  return source !== null && hasErrors(parse(source).diagnostics) ? place : null;
}

/** The content hash of an experiment, and its own text, or its file's if that does not parse. */
function factsOf(
  { file, name }: ExperimentPlace,
  world: SnapshotWorld,
  words: Words,
): { readonly hash: string | null; readonly text: string } {
  const source = world.source(file);
  if (source === null) return { hash: null, text: '' };
  const found = parse(source).value?.experiments.find((experiment) => experiment.name.name === name);
  const text = found === undefined ? source.text : source.text.slice(found.span.start, found.span.end);
  return { hash: compiledWith([], source, name, world, words).compiled?.hash ?? null, text };
}

/** The share of lines in common. */
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
