import { didYouMeanMetric } from '../../../api/compiler.js';
import { isQualified, metricElsewhere, readMetric } from '../../../api/metrics.js';
import type { Column } from './columns.js';
import { latest, type Trial } from './trial.js';

export type TrialFilter = (trial: Trial) => boolean;

const comparisons = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '=': (a: number, b: number) => a === b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
} as const;

type Comparison = keyof typeof comparisons;

/**
 * Parses `rho<0.05 status:running -seed=3`: all terms must hold. `name<number` compares; `name:a,b` holds if one of the
 * texts occurs; `-` negates a term; a bare word is searched in all cells. A name is a column's or a metric's;
 * `param.name` is always a param. Blanks may surround an operator.
 *
 * @param metrics names of all trials' metrics; null if not all are known, and any name is then accepted
 * @returns the filter, or the error
 */
export function parseFilter(
  text: string,
  columns: readonly Column[],
  metrics: readonly string[] | null,
): TrialFilter | { readonly error: string } {
  const terms: TrialFilter[] = [];
  for (const word of termsOf(text)) {
    const negative = word.startsWith('-') && word.length > 1;
    const term = parseTerm(negative ? word.slice(1) : word, columns, metrics);
    if (typeof term !== 'function') return term;
    terms.push(negative ? (trial) => !term(trial) : term);
  }
  return (trial) => terms.every((term) => term(trial));
}

const comparison = /^([^<>=!:]+)(<=|>=|!=|==|<|>|=|:)(.*)$/;

function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = terms.at(-1);
    if (last !== undefined && (/^(?:[<>=:]|!=)/.test(word) || /[<>=:]$/.test(last))) terms.splice(-1, 1, last + word);
    else terms.push(word);
  }
  return terms;
}

/**
 * Explains metrics of a filter that no trial has yet: they may come at an end, or be misspelt.
 *
 * @param seen names of the trials' metrics so far
 */
export function unseenMetrics(text: string, columns: readonly Column[], seen: readonly string[]): readonly string[] {
  const unseen = metricsOfFilter(text).filter(
    (name) => columnNamed(name, columns) === undefined && !seen.includes(name),
  );
  const quantityOf = (name: string) => readMetric(name).quantity;
  return unseen.map((name) => {
    // The same of another part is another metric, whose time may come.
    const isKnown = seen.some((other) => quantityOf(other) === quantityOf(name));
    const suggestion = isKnown ? null : didYouMeanMetric(name, seen);
    return `no trial has '${name}' yet${suggestion === null ? '' : ` (${suggestion})`}`;
  });
}

/** Metrics in a filter, which have a dot in their names: `validation.mse`. */
export function metricsOfFilter(text: string): readonly string[] {
  return termsOf(text).flatMap((word) => {
    const name = comparison.exec(word.replace(/^-/, ''))?.[1];
    return name !== undefined && isQualified(name) ? [name] : [];
  });
}

/** Params that a filter may have meant but that collide with columns, as they must be written. */
export function hiddenParameters(text: string, columns: readonly Column[]): readonly string[] {
  const names = termsOf(text).flatMap((word) => {
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
    if (operator.startsWith('<') || operator.startsWith('>')) return { error: `'${right}' is not a number` };
    return (trial) => (String(value(trial) ?? '') === right) !== (operator === '!=');
  }
  return (trial) => {
    const own = value(trial);
    return typeof own === 'number' && comparisons[operator](own, number);
  };
}

function suggested(name: string, columns: readonly Column[], metrics: readonly string[] | null): string | null {
  // Until a trial has ended, its metrics are unknown, and a similar column name is a worse guess.
  const elsewhere = metrics === null ? metricElsewhere(name) : null;
  if (elsewhere !== null) return `did you mean '${elsewhere}'?`;
  return didYouMeanMetric(name, [...columns.map(({ id }) => id), ...(metrics ?? [])]);
}

function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(comparisons, operator);
}
