import { isRawError, isTerm, termLabel } from '../metrics/definitions.js';
import { type DataPart, dataParts, partMetric, readMetric } from '../metrics/metric-name.js';
import { compareLayers } from '../metrics/order.js';
import { numberText } from '../text/number-text.js';
import type { Words } from '../words/word.js';

/** A quantity measured on parts of the data: the loss, a term, an error in raw units, a probe of the code. */
export interface PartsRow {
  /** Metric name without the part: `test.sse` is the row `sse`. */
  readonly name: string;
  readonly values: Readonly<Partial<Record<DataPart, number>>>;
  /** Explanation; empty if the name says it. */
  readonly note: string;
}

export interface LayerRow {
  /** `encoder.0` */
  readonly layer: string;
  readonly values: Readonly<Record<string, number>>;
}

/** A run's final metrics, in reading order. */
export interface MetricMatrix {
  readonly parts: readonly DataPart[];
  readonly rows: readonly PartsRow[];
  readonly layers: readonly LayerRow[];
  /** The rest, such as metrics of pretraining. */
  readonly others: readonly (readonly [name: string, value: number])[];
}

type Quantities = ReadonlyMap<string, ReadonlyMap<DataPart, number>>;

/** Errors in raw units, which every experiment has. */
const rawErrors = ['mse', 'sse'] as const;

/** A loss with a single term appears once, not as loss, term and error. */
export function metricMatrix(metrics: Readonly<Record<string, number>>, words: Words): MetricMatrix {
  const quantities = new Map<string, Map<DataPart, number>>();
  const layers = new Map<string, Map<string, number>>();
  const others: (readonly [string, number])[] = [];
  for (const [name, value] of Object.entries(metrics)) {
    const { scope, quantity } = readMetric(name);
    if (scope.kind === 'part') insert(quantities, quantity, scope.part, value);
    else if (scope.kind === 'layer') insert(layers, scope.layer, quantity, value);
    else others.push([name, value]);
  }
  const parts = dataParts.filter((part) => [...quantities.values()].some((values) => values.has(part)));
  return {
    parts,
    rows: partsRows(quantities, parts, words),
    layers: [...layers]
      .map(([layer, values]) => ({ layer, values: Object.fromEntries(values) }))
      .sort((a, b) => compareLayers(a.layer, b.layer)),
    others,
  };
}

function partsRows(quantities: Quantities, parts: readonly DataPart[], words: Words): readonly PartsRow[] {
  const loss = quantities.get('loss');
  const terms = [...quantities.keys()]
    .filter((name) => name !== 'loss' && !isRawError(name))
    .sort(commonFirst(quantities, parts));
  // A loss with a single term of weight 1 is that term.
  const only = terms.find((name) => loss !== undefined && same(quantities.get(name), loss));
  const rawOnly = rawErrors.find((name) => loss !== undefined && same(quantities.get(name), loss));
  const equal = [...new Set([only === undefined ? undefined : termLabel(only), rawOnly])].filter(
    (name) => name !== undefined,
  );
  const noteOf = (name: string) => {
    if (name === 'loss' && only !== undefined) return `= ${equal.join(' = ')}`;
    if (isTerm(name) && isRawError(termLabel(name))) return 'the term, in the units of the network';
    const known = words.metrics.definition(partMetric('test', name));
    return known?.note ?? known?.unit ?? '';
  };
  const names = [
    ...(loss ? ['loss'] : []),
    ...terms.filter((name) => name !== only),
    ...rawErrors.filter((name) => quantities.has(name) && name !== rawOnly),
  ];
  return names.map((name) => ({
    name,
    values: Object.fromEntries(quantities.get(name) ?? []),
    note: noteOf(name),
  }));
}

/** Sorts quantities that all parts have (terms) before those measured at the end (probes). */
function commonFirst(quantities: Quantities, parts: readonly DataPart[]) {
  const missing = (name: string) => parts.filter((part) => !quantities.get(name)?.has(part)).length;
  return (a: string, b: string) => missing(a) - missing(b) || (a < b ? -1 : 1);
}

/** Equal as printed: the raw error is summed in another order than the loss. */
function same(a: ReadonlyMap<DataPart, number> | undefined, b: ReadonlyMap<DataPart, number>): boolean {
  if (a === undefined || a.size !== b.size) return false;
  return [...b].every(([part, value]) => numberText(a.get(part) ?? Number.NaN) === numberText(value));
}

function insert<Column>(groups: Map<string, Map<Column, number>>, row: string, column: Column, value: number): void {
  const group = groups.get(row);
  if (group) group.set(column, value);
  else groups.set(row, new Map([[column, value]]));
}
