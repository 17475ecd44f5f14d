import { type ComparedExperiment, type Comparison, changeText, type Version } from '../../api/compare.js';
import { diagnosticToJson } from '../../api/compiler.js';
import { jsonLine } from '../json.js';
import { type Column, formatTable } from '../table-formats.js';

/** JSON lines: one for each experiment, then the counts; `docs/events.md` lists the fields. */
export function comparisonJson(comparison: Comparison, onlyChanged: boolean): string {
  const shown = comparison.experiments.filter(({ status }) => !onlyChanged || status !== 'same');
  const counts = (status: string) => comparison.experiments.filter((each) => each.status === status).length;
  return [
    ...shown.map((experiment) => jsonLine(experimentJson(experiment, comparison))),
    jsonLine({
      event: 'compared',
      old: comparison.old,
      new: comparison.new,
      changed: counts('changed'),
      added: counts('added'),
      removed: counts('removed'),
      same: counts('same'),
    }),
  ].join('');
}

function experimentJson(experiment: ComparedExperiment, { old, new: now }: Comparison) {
  const { name, status, text, changes, identity, results, notes, runs } = experiment;
  return {
    event: 'experiment',
    experiment: name,
    status,
    old: versionJson(experiment.old, old),
    new: versionJson(experiment.new, now),
    text,
    changes: changes.map((change) => ({ ...change, says: changeText(change) })),
    identity,
    results,
    runs,
    notes,
  };
}

function versionJson(version: Version | null, at: string) {
  if (version === null) return null;
  const { name, place, compiled, diagnostics, results } = version;
  return {
    at,
    name,
    file: place?.file ?? null,
    experiment: compiled?.hash ?? null,
    locked: results.map(({ params, measured, from }) => ({ params, from, experiment: measured.experiment })),
    diagnostics: diagnostics.map(diagnosticToJson),
  };
}

/** CSV with a line per metric of each experiment, at full precision. */
export function comparisonCsv(comparison: Comparison, onlyChanged: boolean): string {
  const rows = comparison.experiments.flatMap(({ name, results }) =>
    results.flatMap(({ params, seeds, metrics }) =>
      metrics
        .filter(({ identical }) => !onlyChanged || !identical)
        .map((metric) => ({ name, params: params.join(' '), seeds: seeds.length, ...metric })),
    ),
  );
  const column = (key: string, value: (row: (typeof rows)[number]) => unknown): Column<(typeof rows)[number]> => ({
    heading: key,
    key,
    text: (row) => String(value(row)),
    value,
  });
  return formatTable(
    [
      column('experiment', ({ name }) => name),
      column('params', ({ params }) => params),
      column('metric', ({ metric }) => metric),
      column('of', ({ of }) => of),
      column('seeds', ({ seeds }) => seeds),
      column('old', ({ old }) => old.mean),
      column('new', ({ new: now }) => now.mean),
      column('difference', ({ difference }) => difference),
      column('low', ({ interval }) => interval?.low),
      column('high', ({ interval }) => interval?.high),
      column('relative', ({ relative }) => relative),
      column('p', ({ p }) => p),
      column('adjusted_p', ({ adjustedP }) => adjustedP),
      column('confidence', ({ interval }) => interval?.confidence),
      column('permutation_p', ({ permutationP }) => permutationP),
      column('significant', ({ significant }) => significant),
    ],
    rows,
    'csv',
  );
}
