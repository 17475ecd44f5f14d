import { Box } from 'ink';
import { layerMetricName } from '../../../metrics/metric-name.js';
import { largest } from '../../../numerics/extremes.js';
import { hasEnded } from '../../../runtime/store/sweep-vocabulary.js';
import { numberText } from '../../../text/number-text.js';
import { bar, sparkline } from '../drawing/bars.js';
import { aligned, type Line, type Span, span } from '../drawing/line.js';
import { metricText } from '../state/columns.js';
import {
  codeLayer,
  collapsedBelow,
  type FreeEnergyState,
  freeEnergiesOf,
  type LatentState,
  type LayerState,
  latentsOf,
  layersOf,
  targetOf,
} from '../state/layers.js';
import { selectedTrial } from '../state/state.js';
import type { Trial } from '../state/trial.js';
import { parametersText } from './charts.js';
import { useModel } from './model.js';
import { inside, Pane, ScrollPane, type Size } from './pane.js';
import { Remark, Rows, Text } from './text.js';

/** A share of dead or saturated units above which something is wrong. */
const worrying = 0.2;

/** How the layers of the selected trial are: their units, their gradients, what its latent variables carry. */
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
  const { state } = useModel();
  const layers = layersOf(trial);
  const energies = freeEnergiesOf(trial);
  if (layers.length === 0 && energies.length === 0) {
    const ended = hasEnded(trial.state);
    const why = ended ? 'it has no diagnostics' : 'diagnostics come after the first epoch';
    return <Remark>{why}</Remark>;
  }
  const said = findings(layers);
  return (
    <Box flexDirection="column" rowGap={1}>
      <Rows lines={layerTable(trial, layers, targetOf(state, trial), width)} width={width} />
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
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same lines come in the same order
        <Text key={i}>{line}</Text>
      ))}
    </Box>
  );
}

interface LayerColumn {
  readonly title: string;
  readonly width: number;
  readonly cell: (layer: LayerState) => Span;
}

function layerTable(
  trial: Trial,
  layers: readonly LayerState[],
  target: number | null,
  width: number,
): readonly Line[] {
  if (layers.length === 0) return [];
  const nameCells = Math.min(
    24,
    largest(
      layers.map(({ name }) => name.length),
      8,
    ),
  );
  const all = layerColumns(target === null ? null : { target, code: codeLayer(layers) }, width < nameCells + 50);
  const columns = all.filter((_, i) => {
    const upTo = all.slice(0, i + 1).reduce((total, column) => total + column.width, nameCells + 1);
    return upTo <= width;
  });
  const taken = columns.reduce((total, column) => total + column.width, nameCells + 1);
  const spark = Math.min(24, width - taken - 3);
  const head: Line = [
    span(` ${aligned('layer', nameCells, 'start')}`, { fg: 'muted', bold: true }),
    ...columns.map(({ title, width: size }) => span(aligned(title, size, 'end'), { fg: 'muted', bold: true })),
    span(spark < 8 ? '' : spark < 13 ? '  norm' : '  gradient norm', { fg: 'muted', bold: true }),
  ];
  const rows = layers.map((layer): Line => {
    const history = (trial.epochs.get(layerMetricName(layer.name, 'gradient_norm')) ?? []).map(({ value }) => value);
    return [
      span(` ${aligned(layer.name, nameCells, 'start')}`),
      ...columns.map(({ width: size, cell }) => {
        const { text, look } = cell(layer);
        return span(aligned(text, size, 'end'), look);
      }),
      span(spark < 8 ? '' : `  ${sparkline(history, spark)}`, { fg: 'accent' }),
    ];
  });
  return [head, ...rows];
}

/** What a person should know of the layers, in a sentence each. */
function findings(layers: readonly LayerState[]): readonly Line[] {
  const structure = layers.flatMap(({ name, moransI, structured }): Line[] =>
    moransI === null
      ? []
      : [
          [
            span(`filters of ${name}: `, { fg: 'muted' }),
            span(`Moran's I ${metricText(moransI)}`),
            span(structured === null ? '' : `, ${percent(structured)} structured`, { fg: 'muted' }),
          ],
        ],
  );
  const warnings = layers.flatMap((layer) => [
    ...warning(layer.dead, `units of ${layer.name} are dead (one value for all)`),
    ...warning(layer.saturated, `units of ${layer.name} are saturated`),
  ]);
  return [...structure, ...warnings];
}

function layerColumns(
  sparsity: { readonly target: number; readonly code: string | null } | null,
  narrow: boolean,
): readonly LayerColumn[] {
  const mean = ({ name, meanActivation }: LayerState): Span => {
    const wanted = name === sparsity?.code ? sparsity.target : null;
    const far = wanted !== null && meanActivation !== null && Math.abs(meanActivation - wanted) > wanted;
    return span(metricText(meanActivation), far ? { fg: 'warning', bold: true } : {});
  };
  return [
    { title: narrow ? 'mean' : 'mean activation', width: narrow ? 10 : 17, cell: mean },
    ...(sparsity === null
      ? []
      : [
          {
            title: 'rho',
            width: 9,
            cell: ({ name }: LayerState) =>
              span(name === sparsity.code ? metricText(sparsity.target) : '', { fg: 'muted' }),
          },
        ]),
    { title: 'dead', width: 7, cell: ({ dead }) => shareSpan(dead) },
    { title: narrow ? 'sat.' : 'saturated', width: narrow ? 7 : 11, cell: ({ saturated }) => shareSpan(saturated) },
    { title: narrow ? 'grad.' : 'gradient', width: 10, cell: ({ gradientNorm }) => span(metricText(gradientNorm)) },
  ];
}

function shareSpan(share: number | null): Span {
  return span(
    share === null ? '' : percent(share),
    share !== null && share > worrying ? { fg: 'bad', bold: true } : {},
  );
}

function warning(share: number | null, what: string): readonly Line[] {
  return share === null || share <= worrying ? [] : [[span(`! ${percent(share)} of ${what}`, { fg: 'bad' })]];
}

function percent(share: number): string {
  return `${numberText(share * 100, 3)}%`;
}

/** A bar for each dimension, the fullest first. */
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
        : [span('all carry something', { fg: 'good' })];
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
