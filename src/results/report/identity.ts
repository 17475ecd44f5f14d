import { parseRecipe } from '../../project/recipe.js';
import { parseJson } from '../../runtime/formats/json.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import type { SweepRecord } from '../../runtime/store/sweep-records.js';
import type { Words } from '../../words/word.js';
import { definitionFacts } from './definitions.js';
import { type HtmlNode, html } from './html.js';
import { code, factsTable } from './tables.js';

/** Facts that reproduce the sweep, and where it ran. */
export function identitySection(
  store: Store,
  sweep: SweepRecord,
  runId: string | null,
  words: Words,
): readonly HtmlNode[] {
  const run = runId === null ? null : store.findRun(runId);
  return [
    factsTable([
      ['command', code(sweep.command)],
      ['backend', sweep.backend],
      ...(sweep.pruning === null ? [] : [['pruning', code(sweep.pruning)] as const]),
      ...(run ? [...runFacts(run), ...definitionFacts(run, words)] : []),
    ]),
    ...(run ? [environment(run, 'environment of the best trial'), ...sources(run)] : []),
  ];
}

/** Facts that reproduce a run, and where it ran. */
export function identityOfRun(run: RunRecord, words: Words): readonly HtmlNode[] {
  return [
    factsTable([
      ['trial', code(run.identity)],
      ['experiment', code(run.ir.sha256)],
      ['data', html('span', {}, code(run.dataSha256), ` (${run.data})`)],
      ['weights', code(run.weightsSha256 ?? '-')],
      ['backend', run.backend],
      ['numerics', run.numerics],
      ...definitionFacts(run, words),
    ]),
    environment(run, 'environment'),
    ...sources(run),
  ];
}

function runFacts(run: RunRecord): readonly (readonly [string, HtmlNode])[] {
  return [
    ['best trial', code(run.identity)],
    ['its experiment', code(run.ir.sha256)],
    ['its data', html('span', {}, code(run.dataSha256), ` (${run.data})`)],
    ['its weights', code(run.weightsSha256 ?? '-')],
    ['numerics', run.numerics],
  ];
}

function environment(run: RunRecord, summary: string): HtmlNode {
  const text = JSON.stringify(parseJson(run.environment), null, 2);
  return html('details', {}, html('summary', {}, summary), html('pre', {}, text));
}

/** The trained text; the file may have changed since. */
function sources(run: RunRecord): readonly HtmlNode[] {
  return parseRecipe(run.source).sources.map(({ path, text }) =>
    html('details', {}, html('summary', {}, `text of ${path}`), html('pre', {}, text)),
  );
}
