import {
  layerMetrics,
  type MetricDefinition,
  type MetricDefinitions,
  partMetrics,
  pretrainingMetrics,
  stepMetrics,
  termDefinition,
} from './definitions.js';
import type { MeasuringWord } from './schema.js';

const ofAutoencoder = { ...termDefinition, doc: "of a layer's own autoencoder: its loss, mean over the epoch" };

/** The tables of docs/metrics.md, by placeholder. */
export function metricTables(words: readonly MeasuringWord[]): ReadonlyMap<string, string> {
  const { loss, final_loss, ...errors } = partMetrics;
  const measured = words.flatMap(({ name, metrics }) =>
    Object.entries(metrics).map(([what, definition]) =>
      row(`test.${name}${what === '' ? '' : `.${what}`}`, definition),
    ),
  );
  return new Map([
    [
      'metrics: parts',
      table([
        row('part.loss', loss),
        row('validation.final_loss', final_loss),
        row('part.loss.term', termDefinition),
        ...rows('part', errors),
      ]),
    ],
    ['metrics: layers', table(rows('layer', layerMetrics))],
    [
      'metrics: pretraining',
      table([row('pretrain.layer.loss.term', ofAutoencoder), ...rows('pretrain.layer', pretrainingMetrics)]),
    ],
    ['metrics: evaluate', table(measured)],
    [
      'metrics: steps',
      table([
        ...Object.entries(stepMetrics).map(([name, definition]) => row(name, definition)),
        row('reconstruction', pretrainingMetrics.reconstruction),
      ]),
    ],
  ]);
}

function rows(scope: string, definitions: MetricDefinitions): readonly string[] {
  return Object.entries(definitions).map(([name, definition]) => row(`${scope}.${name}`, definition));
}

function row(name: string, { doc, unit, goal }: MetricDefinition): string {
  const better = goal === null ? '' : goal === 'min' ? 'lower' : 'higher';
  return `| \`${name}\` | ${doc} | ${unit ?? ''} | ${better} |`;
}

function table(lines: readonly string[]): string {
  return ['| metric | what it is | unit | better |', '|---|---|---|---|', ...lines].join('\n');
}
