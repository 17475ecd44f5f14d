import { builtinWords } from '../api/compiler.js';
import { compareLayerMetrics, layerHeading, layerMetric } from '../api/metrics.js';
import { type LayerRow, type MetricMatrix, metricMatrix } from '../api/results.js';
import { numberText } from '../api/text.js';
import { table } from './table.js';

/**
 * Formats a run's final metrics: a row per quantity with a column per part of the data, a row per layer, and the rest.
 */
export function metricTables(metrics: Readonly<Record<string, number>>): readonly string[] {
  const matrix = metricMatrix(metrics, builtinWords);
  const others = matrix.others.map(([name, value]) => [name, numberText(value)]);
  return [
    partsTable(matrix),
    layersTable(matrix.layers),
    others.length === 0 ? '' : table(['metric', 'value'], others),
  ].filter((text) => text !== '');
}

function partsTable({ parts, rows }: MetricMatrix): string {
  if (rows.length === 0) return '';
  const cells = rows.map(({ name, values, note }) => [name, ...parts.map((part) => text(values[part])), note]);
  return table(['metric', ...parts, ''], cells);
}

function layersTable(layers: readonly LayerRow[]): string {
  if (layers.length === 0) return '';
  const quantities = [...new Set(layers.flatMap(({ values }) => Object.keys(values)))];
  // Per-dimension divergences of a variational code are printed separately.
  const columns = quantities.filter((name) => !isDivergence(name)).sort(compareLayerMetrics);
  const rows = layers.map(({ layer, values }) => [layer, ...columns.map((name) => text(values[name]))]);
  const headings = columns.map((name) => layerHeading(name));
  return `${table(['layer', ...headings], rows)}${layers.map(divergencesText).join('')}`;
}

/** The divergences of a code's dimensions from its prior, largest first. */
function divergencesText({ layer, values }: LayerRow): string {
  const divergences = Object.entries(values).flatMap(([name, value]) => (isDivergence(name) ? [value] : []));
  if (divergences.length === 0) return '';
  const sorted = divergences.sort((a, b) => b - a).map((value) => numberText(value, 3));
  const shown = sorted.length <= 12 ? sorted.join(' ') : `${sorted.slice(0, 12).join(' ')} … (${sorted.length})`;
  return `${layer}: divergence of its dimensions from the prior, nats: ${shown}\n`;
}

function isDivergence(name: string): boolean {
  return layerMetric(name) === 'kl_N';
}

function text(value: number | undefined): string {
  return value === undefined ? '' : numberText(value);
}
