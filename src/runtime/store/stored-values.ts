import { quoted } from '../../files/quoted.js';
import {
  anyNumber,
  JsonError,
  listOf,
  objectOf,
  oneOf,
  type Reader,
  recordOf,
  text,
  wholeNumber,
} from '../formats/json-value.js';
import type { CheckedRows } from './checked-rows.js';
import type { ParameterRecord, RunRecord } from './records.js';
import type { SweepDescription } from './sweep-records.js';
import type { Objective, ParameterValue, SweepAction } from './sweep-vocabulary.js';

const MOST_TRIALS = 1e6;
const MOST_AXES = 1000;
const MOST_JOBS = 1e4;

const trial = wholeNumber({ least: 0, most: MOST_TRIALS });

/** A row of `parameters`. */
export interface ParameterRow {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'text' | 'json';
  readonly value: number | string;
  readonly origin: 'given' | 'default';
}

/** @throws StoreError `invalid_row` where the value is not of its type */
export function parameterValue(rows: CheckedRows, row: ParameterRow, run: number): ParameterRecord['value'] {
  const { type, value } = row;
  switch (type) {
    case 'number':
      if (typeof value === 'number') return value;
      break;
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (value === 'true' || value === 'false') return value === 'true';
      break;
    case 'json':
      if (typeof value === 'string') return rows.json(`parameters.value of r${run}`, value, parameterList);
      break;
  }
  throw rows.invalid(`parameters.value of r${run} is ${quoted(value)}, and not a ${type}`);
}

/** What the columns of the tables hold as JSON. */
export const axes: Reader<SweepDescription['axes']> = listOf((axis, place) => {
  const fields = objectOf(axis, place);
  return {
    name: text(fields.get('name'), `${place}.name`),
    values: listOf(parameter, MOST_TRIALS)(fields.get('values'), `${place}.values`),
  };
}, MOST_AXES);

export const objective: Reader<Objective> = (value, place) => {
  const fields = objectOf(value, place);
  return {
    metric: text(fields.get('metric'), `${place}.metric`),
    goal: oneOf('min', 'max')(fields.get('goal'), `${place}.goal`),
    of: oneOf('best', 'last')(fields.get('of'), `${place}.of`),
  };
};

export const trialParameters: Reader<Readonly<Record<string, ParameterValue>>> = recordOf(parameter, MOST_AXES);

export const trialNumbers: Reader<readonly number[]> = listOf(trial, MOST_TRIALS);

/** Null for an action that a later version may know. */
export const action: Reader<SweepAction | null> = (value, place) => {
  const fields = objectOf(value, place);
  const what = text(fields.get('do'), `${place}.do`);
  const number = (name: string, least: number, most: number) =>
    wholeNumber({ least, most })(fields.get(name), `${place}.${name}`);
  switch (what) {
    case 'pause':
    case 'resume':
    case 'stop':
    case 'restart':
    case 'prioritise':
      return { do: what, trial: number('trial', 0, MOST_TRIALS) };
    case 'jobs':
      return { do: what, jobs: number('jobs', 0, MOST_JOBS) };
    case 'add_seeds':
      return { do: what, trial: number('trial', 0, MOST_TRIALS), seeds: number('seeds', 1, MOST_TRIALS) };
    default:
      return null;
  }
};

export const divergence: Reader<NonNullable<RunRecord['divergence']>> = (value, place) => {
  const fields = objectOf(value, place);
  return {
    stage: text(fields.get('stage'), `${place}.stage`),
    step: wholeNumber({ least: 0, most: Number.MAX_SAFE_INTEGER })(fields.get('step'), `${place}.step`),
    layer: text(fields.get('layer'), `${place}.layer`),
  };
};

/** Something that is read further by whoever knows what it means. */
export const anyObject: Reader<void> = (value, place) => {
  objectOf(value, place);
};

const MOST_VALUES = 1e5;

function parameterList(value: unknown, place: string): readonly number[] | readonly string[] {
  const list = listOf((item) => item, MOST_VALUES)(value, place);
  return list.every((item) => typeof item === 'number')
    ? listOf(anyNumber, MOST_VALUES)(value, place)
    : listOf(text, MOST_VALUES)(value, place);
}

function parameter(value: unknown, place: string): ParameterValue {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return parameterList(value, place);
  throw new JsonError(`${place} is no value of a param`);
}
