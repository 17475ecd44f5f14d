import { ownValue } from '../compiler/ir/value.js';
import { isMeasuredOnce, usualCurves } from '../metrics/usual-metric.js';
import type { Chart } from '../runtime/figures/chart.js';
import { drawFrontPlot } from '../runtime/figures/front-plot.js';
import { drawMarginalPlots } from '../runtime/figures/marginal-plots.js';
import { drawObjectiveMap } from '../runtime/figures/objective-map.js';
import { drawParallelAxes } from '../runtime/figures/parallel-axes.js';
import { drawSeedCurves } from '../runtime/figures/seed-curves.js';
import { drawShareBars } from '../runtime/figures/share-bars.js';
import type { Importance } from '../runtime/importance/importance.js';
import { levelAt, levelsOf } from '../runtime/importance/levels.js';
import type { Store } from '../runtime/store/store.js';
import { percentText } from '../text/number-text.js';
import { rankedSettings, settingName } from './settings.js';
import { importanceRows } from './sweep-importance.js';
import { meanOf, type TrialTable } from './sweep-table.js';

export interface NamedChart {
  /** File name: `front`, `curves`, `importance`, `marginals`, `map`, `parallel`. */
  readonly name: string;
  readonly chart: Chart;
}

/** Most settings that hues can distinguish. */
const MOST_CURVES = 6;
/** Points of marginal plots beyond which only every n-th trial is drawn. */
const MOST_DOTS = 1000;
/** Most lines in the parallel plot. */
const MOST_LINES = 500;

/** Draws all charts of a table that would show something. */
export async function drawCharts(
  store: Store,
  table: TrialTable,
  importance: Importance | null,
): Promise<readonly NamedChart[]> {
  const charts = [
    { name: 'front', chart: await frontChart(table) },
    { name: 'curves', chart: await curvesChart(store, table) },
    { name: 'importance', chart: importance && (await importanceChart(table, importance)) },
    { name: 'marginals', chart: importance && (await marginalsChart(table, importance)) },
    { name: 'map', chart: await mapChart(table, importance) },
    { name: 'parallel', chart: parallelChart(table) },
  ];
  return charts.flatMap(({ name, chart }) => (chart ? [{ name, chart }] : []));
}

/** Settings over the first two of several objectives. */
async function frontChart({ front }: TrialTable): Promise<Chart | null> {
  const [x, y] = front?.objectives ?? [];
  if (front === null || x === undefined || y === undefined) return null;
  const points = [...front.means].flatMap(([setting, [across = Number.NaN, up = Number.NaN]]) =>
    Number.isFinite(across) && Number.isFinite(up) ? [{ x: across, y: up, isFront: front.settings.has(setting) }] : [],
  );
  if (points.length === 0) return null;
  const better = [x, y].map(({ metric, goal }) => `${goal === 'min' ? 'less' : 'more'} ${metric}`).join(' and ');
  return drawFrontPlot({
    title: 'Pareto front',
    note: `a dot is a setting; better is ${better}`,
    x: x.metric,
    y: y.metric,
    points,
  });
}

async function curvesChart(store: Store, table: TrialTable): Promise<Chart | null> {
  const shown = rankedSettings(table).slice(0, MOST_CURVES);
  const runIds = shown.flatMap(({ trials }) => trials.flatMap(({ runId }) => runId ?? []));
  const { metric } = table.choice;
  for (const name of isMeasuredOnce(metric) ? usualCurves() : [metric, ...usualCurves()]) {
    const curves = store.trials.curves(runIds, name);
    if (![...curves.values()].some(({ epochs }) => epochs.length > 1)) continue;
    const few = table.settings.length > shown.length ? `: the ${shown.length} best of ${table.settings.length}` : '';
    return drawSeedCurves({
      title: `${name}${few}`,
      xLabel: 'epoch',
      yLabel: name,
      groups: shown.map((setting) => ({
        name: settingName(setting),
        curves: setting.trials.flatMap(({ runId }) => {
          const curve = curves.get(runId ?? '');
          return curve ? [{ x: curve.epochs, y: curve.values }] : [];
        }),
      })),
    });
  }
  return null;
}

function importanceChart({ choice }: TrialTable, importance: Importance): Promise<Chart> {
  return drawShareBars({
    title: `Where the differences of ${choice.metric} come from`,
    note: 'share of the variance between settings',
    bars: importanceRows(importance).map(({ name, share, kind }) => ({
      name,
      share,
      label: percentText(share),
      kind: kind === 'parameter' ? 'first' : 'second',
    })),
  });
}

function marginalsChart({ trials, choice }: TrialTable, importance: Importance): Promise<Chart> {
  const measured = trials.filter(({ ended, value }) => ended && Number.isFinite(value));
  const everyNth = Math.ceil(measured.length / MOST_DOTS);
  const shown = measured.filter((_, i) => i % everyNth === 0);
  return drawMarginalPlots({
    title: `${choice.metric} by parameter`,
    metric: choice.metric,
    parameters: importance.parameters.map(({ name, share, marginal }) => {
      const levels = levelsOf(
        name,
        measured.map((trial) => ownValue(trial.parameters, name)),
      );
      return {
        name,
        note: `${percentText(share)} of the variance`,
        levels: marginal,
        trials: shown.map(({ value }, i) => ({ level: levelAt(levels, i * everyNth), value })),
      };
    }),
  });
}

/** A map over the two most important parameters, or the first two. */
async function mapChart(table: TrialTable, importance: Importance | null): Promise<Chart | null> {
  const { choice, varying, trials } = table;
  const [x, y] = importance ? importance.parameters.map(({ name }) => name) : varying;
  if (x === undefined || y === undefined) return null;
  const measured = trials.filter(({ ended, value }) => ended && Number.isFinite(value));
  const column = levelsOf(
    x,
    measured.map(({ parameters }) => parameters[x]),
  );
  const row = levelsOf(
    y,
    measured.map(({ parameters }) => parameters[y]),
  );
  if (column.levels.length < 2 || row.levels.length < 2) return null;
  const sums = new Float64Array(row.levels.length * column.levels.length);
  const counts = new Uint32Array(sums.length);
  measured.forEach(({ value }, i) => {
    const cell = levelAt(row, i) * column.levels.length + levelAt(column, i);
    sums[cell] = (sums[cell] ?? 0) + value;
    counts[cell] = (counts[cell] ?? 0) + 1;
  });
  const others = varying.length > 2 ? ', averaged over the others' : '';
  return drawObjectiveMap({
    title: `${choice.metric} over ${x} and ${y}${others}`,
    columnName: x,
    rowName: y,
    columns: column.levels.map(({ label }) => label),
    rows: row.levels.map(({ label }) => label),
    values: sums.map((sum, i) => sum / (counts[i] ?? 0)),
    valueLabel: choice.metric,
    goal: choice.goal,
  });
}

/** With two parameters or fewer, the map shows more. */
function parallelChart({ settings, varying, choice }: TrialTable): Chart | null {
  const measured = settings.filter(({ replicates }) => replicates.length > 0);
  const axes = varying.map((name) =>
    levelsOf(
      name,
      measured.map(({ parameters }) => ownValue(parameters, name)),
    ),
  );
  const shown = axes.filter(({ levels }) => levels.length > 1);
  if (shown.length < 3 || measured.length < 2) return null;
  const everyNth = Math.ceil(measured.length / MOST_LINES);
  const title =
    everyNth === 1
      ? `${choice.metric} by setting`
      : `${choice.metric} of every ${everyNth}th of ${measured.length} settings`;
  return drawParallelAxes({
    title,
    parameters: shown.map(({ name, levels }) => ({ name, levels })),
    settings: measured.flatMap((setting, i) =>
      i % everyNth === 0 ? [{ levels: shown.map((axis) => levelAt(axis, i)), value: meanOf(setting) }] : [],
    ),
    metric: choice.metric,
    goal: choice.goal,
  });
}
