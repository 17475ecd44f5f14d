import { didYouMeanMetric } from '../../../api/compiler.js';
import { isQualified, metricElsewhere } from '../../../api/metrics.js';
import type { Column } from './columns.js';
import { latest, type Trial } from './trial.js';

/** Whether a trial is shown. */
export type TrialFilter = (trial: Trial) => boolean;

const comparisons = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
} as const;

type Comparison = keyof typeof comparisons;

/**
 * `rho<0.05 status:running -seed=3`: all terms hold. `name<number` compares; `name:text` holds where one of the texts
 * between commas occurs; `-` before a term turns it round; a word alone is looked for in all cells. A name is that of a
 * column or of a metric; `param.name` is always a param.
 *
 * @param metrics names that any trial has; null where they are not all known, and any name is then let through
 * @returns the filter, or what is wrong with the text
 */
export function parseFilter(
  text: string,
  columns: readonly Column[],
  metrics: readonly string[] | null,
): TrialFilter | { readonly error: string } {
  const terms: TrialFilter[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const negative = word.startsWith('-') && word.length > 1;
    const term = parseTerm(negative ? word.slice(1) : word, columns, metrics);
    if (typeof term !== 'function') return term;
    terms.push(negative ? (trial) => !term(trial) : term);
  }
  return (trial) => terms.every((term) => term(trial));
}

const comparison = /^([^<>=!:]+)(<=|>=|!=|<|>|=|:)(.*)$/;

/** Names with a dot in them that a filter compares: `validation.mse`. */
export function metricsOfFilter(text: string): readonly string[] {
  return text.split(/\s+/).flatMap((word) => {
    const name = comparison.exec(word.replace(/^-/, ''))?.[1];
    return name !== undefined && isQualified(name) ? [name] : [];
  });
}

/** Params that a filter may have meant by the names of columns, as it has to call them. */
export function hiddenParameters(text: string, columns: readonly Column[]): readonly string[] {
  const names = text.split(/\s+/).flatMap((word) => {
    const name = comparison.exec(word.replace(/^-/, ''))?.[1];
    return name !== undefined && columnNamed(name, columns)?.parameter === null ? [name] : [];
  });
  return columns.flatMap(({ parameter, id }) => (parameter !== null && names.includes(parameter) ? [id] : []));
}

function columnNamed(name: string, columns: readonly Column[]): Column | undefined {
  return (
    columns.find(({ id }) => id === name) ??
    columns.find(({ title }) => title === name) ??
    columns.find(({ parameter }) => parameter !== null && (parameter === name || `param.${parameter}` === name))
  );
}

function parseTerm(
  word: string,
  columns: readonly Column[],
  metrics: readonly string[] | null,
): TrialFilter | { readonly error: string } {
  const match = comparison.exec(word);
  if (match === null) {
    const wanted = word.toLowerCase();
    return (trial) => columns.some((column) => column.text(trial).toLowerCase().includes(wanted));
  }
  const [, name = '', operator = '', right = ''] = match;
  const column = columnNamed(name, columns);
  if (column === undefined && (metrics === null ? !isQualified(name) : !metrics.includes(name))) {
    const suggestion = suggested(name, columns, metrics);
    const what = isQualified(name) ? 'metric' : 'column';
    return { error: `no ${what} '${name}'${suggestion === null ? '' : `: ${suggestion}`}` };
  }
  const value = column?.value ?? ((trial: Trial) => latest(trial, name));
  if (right === '') return () => true;
  if (!isComparison(operator)) {
    const wanted = right
      .toLowerCase()
      .split(',')
      .filter((text) => text !== '');
    return (trial) => {
      const text = String(value(trial) ?? '').toLowerCase();
      return wanted.some((one) => text.includes(one));
    };
  }
  const number = Number(right);
  if (Number.isNaN(number)) {
    if (operator !== '=' && operator !== '!=') return { error: `'${right}' is not a number` };
    return (trial) => (String(value(trial) ?? '') === right) === (operator === '=');
  }
  return (trial) => {
    const own = value(trial);
    return typeof own === 'number' && comparisons[operator](own, number);
  };
}

function suggested(name: string, columns: readonly Column[], metrics: readonly string[] | null): string | null {
  // Until a trial has ended its metrics are unknown, and a column of a similar name is a worse guess than the field's name.
  const elsewhere = metrics === null ? metricElsewhere(name) : null;
  if (elsewhere !== null) return `did you mean '${elsewhere}'?`;
  return didYouMeanMetric(name, [...columns.map(({ id }) => id), ...(metrics ?? [])]);
}

function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(comparisons, operator);
}
