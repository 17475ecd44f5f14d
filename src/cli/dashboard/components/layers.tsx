import { Box } from 'ink';
import { hasEnded } from '../../../api/events.js';
import {
  faultOf,
  isShare,
  type LayerMetric,
  layerHeading,
  layerMetricName,
  layerMetricNames,
} from '../../../api/metrics.js';
import { largest } from '../../../api/statistics.js';
import { numberText } from '../../../api/text.js';
import { bar, sparkline } from '../drawing/bars.js';
import { aligned, type Line, span } from '../drawing/line.js';
import { type TableColumn, tableLines } from '../drawing/table.js';
import type { Look } from '../drawing/theme.js';
import { metricText } from '../state/columns.js';
import {
  collapsedBelow,
  type FreeEnergyState,
  freeEnergiesOf,
  type LatentState,
  type LayerState,
  latentsOf,
  layersOf,
} from '../state/layers.js';
import { selectedTrial } from '../state/state.js';
import type { Trial } from '../state/trial.js';
import { parametersText } from './charts.js';
import { useModel } from './model.js';
import { inside, Pane, ScrollPane, type Size } from './pane.js';
import { inPlace, Remark, Rows, Text } from './text.js';

/** Share of dead or saturated units that deserves a warning. */
const worrying = 0.2;

/** The layers of the selected trial: units, gradients, latent variables. */
export function LayersPane(size: Size) {
  const trial = selectedTrial(useModel().state);
  if (trial === null) return <Pane {...size} title="layers" />;
  return (
    <ScrollPane {...size} title={`layers of trial ${trial.trial}  ${parametersText(trial)}`}>
      <Layers trial={trial} width={inside(size).width} />
    </ScrollPane>
  );
}

interface LayersProps {
  readonly trial: Trial;
  readonly width: number;
}

export function Layers({ trial, width }: LayersProps) {
  const layers = layersOf(trial);
  const energies = freeEnergiesOf(trial);
  if (layers.length === 0 && energies.length === 0) {
    const ended = hasEnded(trial.state);
    const why = ended ? 'it has no diagnostics' : 'diagnostics come after the first epoch';
    return <Remark>{why}</Remark>;
  }
  const said = remarks(layers);
  return (
    <Box flexDirection="column" rowGap={1}>
      <Rows lines={layerTable(trial, layers, width)} width={width} />
      {said.length > 0 && <Texts lines={said} />}
      {latentsOf(trial).map((latent) => (
        <Rows key={latent.name} lines={latentLines(latent, width)} width={width} />
      ))}
      {energies.map((energy) => (
        <Texts key={energy.name} lines={freeEnergyLines(trial, energy, width)} />
      ))}
    </Box>
  );
}

function Texts({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <Box flexDirection="column" paddingX={1}>
      {inPlace(lines, (line) => (
        <Text>{line}</Text>
      ))}
    </Box>
  );
}

const sparkCells = 16;

/** Width of a table below which its headings are short. */
const roomForHeadings = 76;

/**
 * A column per layer metric, with the loss's target beside it. Metrics that only one layer has, such as those of the
 * first layer's filters, follow below the table.
 */
function layerTable(trial: Trial, layers: readonly LayerState[], width: number): readonly Line[] {
  if (layers.length === 0) return [];
  const columns = columnMetrics(layers).flatMap((metric, i): TableColumn<LayerState>[] => {
    const value: TableColumn<LayerState> = {
      title: layerHeading(metric, width < roomForHeadings ? 'narrow' : 'wide'),
      rank: i + 1,
      draw: (layer) => valueSpans(layer, metric),
    };
    const target: TableColumn<LayerState> = {
      title: 'target',
      rank: i + 1,
      draw: ({ targets }) => [span(metricText(targets.get(metric) ?? null), { fg: 'muted' })],
    };
    return layers.some(({ targets }) => targets.has(metric)) ? [value, target] : [value];
  });
  const history = ({ name }: LayerState) =>
    (trial.epochs.get(layerMetricName(name, 'gradient_norm')) ?? []).map(({ value }) => value);
  return tableLines<LayerState>(
    [
      { title: 'layer', side: 'start', draw: ({ name }) => name },
      ...columns,
      {
        title: 'by epoch',
        side: 'start',
        rank: columns.length + 1,
        cells: sparkCells,
        draw: (layer) => [span(sparkline(history(layer), sparkCells), { fg: 'accent' })],
      },
    ],
    layers,
    width,
  );
}

function columnMetrics(layers: readonly LayerState[]): readonly LayerMetric[] {
  const having = (metric: LayerMetric) => layers.filter(({ values }) => values.has(metric)).length;
  return layerMetricNames.filter((metric) => having(metric) > 1 || (layers.length === 1 && having(metric) === 1));
}

function valueSpans({ values, targets }: LayerState, metric: LayerMetric): Line {
  const value = values.get(metric);
  if (value === undefined) return [];
  const target = targets.get(metric);
  const isFar = target !== undefined && Math.abs(value - target) > target;
  const look: Look = faultAt(metric, value) ? { fg: 'bad', bold: true } : isFar ? { fg: 'warning', bold: true } : {};
  return [span(valueText(metric, value), look)];
}

function valueText(metric: LayerMetric, value: number): string {
  return isShare(metric) ? percent(value) : metricText(value);
}

/** Warnings about layers, a sentence each. */
function remarks(layers: readonly LayerState[]): readonly Line[] {
  const columns = columnMetrics(layers);
  const others = layers.map(({ name, values }): Line => {
    const own = [...values].filter(([metric]) => !columns.includes(metric));
    if (own.length === 0) return [];
    const said = own.map(([metric, value]) => `${layerHeading(metric)} ${valueText(metric, value)}`);
    return [span(`${name}: `, { fg: 'muted' }), span(said.join(', '))];
  });
  const faults = layers.flatMap(({ name, values }) =>
    [...values].map(([metric, value]): Line => {
      const fault = faultAt(metric, value);
      if (!fault) return [];
      const meaning = fault.meaning === '' ? '' : ` (${fault.meaning})`;
      return [span(`! ${percent(value)} of units of ${name} are ${layerHeading(metric)}${meaning}`, { fg: 'bad' })];
    }),
  );
  return [...others, ...faults].filter((line) => line.length > 0);
}

/** The fault indicated by a layer's share of units; null if it is acceptable. */
function faultAt(metric: LayerMetric, value: number) {
  return value > worrying ? faultOf(metric) : null;
}

function percent(share: number): string {
  return `${numberText(share * 100, 3)}%`;
}

/** A bar for each dimension, the largest first. */
function latentLines({ name, active, divergences }: LatentState, width: number): readonly Line[] {
  const most = largest(divergences, 1e-9);
  const collapsed = divergences.filter((kl) => kl < collapsedBelow).length;
  const order = divergences.map((kl, dimension) => ({ kl, dimension })).sort((a, b) => b.kl - a.kl);
  const cellWidth = 26;
  const across = Math.max(1, Math.floor((width - 2) / cellWidth));
  const down = Math.ceil(order.length / across);
  const total = divergences.reduce((sum, kl) => sum + kl, 0);
  const status: Line =
    active === 0
      ? [span('posterior collapse: no dimension depends on the input', { fg: 'bad', bold: true })]
      : collapsed > 0
        ? [span(`${collapsed} collapsed onto the prior`, { fg: 'warning' })]
        : [span('all carry information', { fg: 'good' })];
  const rows = Array.from(
    { length: down },
    (_, row): Line => [
      span(' '),
      ...Array.from({ length: across }, (_, column) => order[column * down + row]).flatMap((item) => {
        if (item === undefined) return [];
        const colour = item.kl < collapsedBelow ? 'bad' : 'accent';
        return [
          span(`${aligned(String(item.dimension), 4, 'end')} `, { fg: 'muted' }),
          ...bar(item.kl / most, 11, colour),
          span(` ${aligned(numberText(item.kl, 3), 8, 'start')} `, item.kl < collapsedBelow ? { fg: 'bad' } : {}),
        ];
      }),
    ],
  );
  return [
    [
      span(` ${name}  `, { bold: true }),
      span(`${active} of ${divergences.length} dimensions active`, { fg: 'text' }),
      span(`, ${metricText(total)} nats in all · `, { fg: 'muted' }),
      ...status,
    ],
    [span(' KL of each dimension from the prior, in nats', { fg: 'muted' })],
    ...rows,
  ];
}

function freeEnergyLines(
  trial: Trial,
  { name, own: ofTraining, unseen: ofUnseen, train, validation }: FreeEnergyState,
  width: number,
): readonly Line[] {
  const own = trial.epochs.get(ofTraining) ?? [];
  const unseen = new Map((trial.epochs.get(ofUnseen) ?? []).map(({ epoch, value }) => [epoch, value]));
  const gaps = own.flatMap(({ epoch, value }) => {
    const other = unseen.get(epoch);
    return other === undefined ? [] : [other - value];
  });
  const gap = gaps.at(-1);
  const grows = gap !== undefined && gaps.length > 2 && gap > 2 * largest(gaps.slice(0, -1).map(Math.abs), 1e-9);
  return [
    [
      span(`${name}  `, { bold: true }),
      span(`free energy ${metricText(train)}`),
      span(validation === null ? ' (no validation data, no gap)' : `, of unseen data ${metricText(validation)}`, {
        fg: 'muted',
      }),
    ],
    ...(gap === undefined
      ? []
      : [
          [
            span(`gap ${metricText(gap)} `, grows ? { fg: 'warning', bold: true } : {}),
            span(sparkline(gaps, Math.max(1, Math.min(40, width - 40))), { fg: grows ? 'warning' : 'accent' }),
            span(grows ? '  growing: it overfits' : '', { fg: 'warning' }),
          ] satisfies Line,
        ]),
  ];
}
