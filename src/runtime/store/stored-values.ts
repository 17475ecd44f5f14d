import * as v from 'valibot';
import { quoted } from '../../files/quoted.js';
import type { MeasuredObjective, Objective } from '../../metrics/usual-metric.js';
import type { ParameterValue, SweepAction } from '../events.js';
import {
  anyNumber,
  count,
  listOf,
  object,
  oneOf,
  recordOf,
  type Schema,
  text,
  truth,
  variant,
  wholeNumber,
} from '../formats/json.js';
import type { CheckedRows } from './checked-rows.js';
import type { ParameterRecord, RunRecord } from './records.js';
import type { SweepDescription } from './sweep-records.js';

const MOST_TRIALS = 1e6;
const MOST_AXES = 1000;
const MOST_JOBS = 1e4;

const trial = wholeNumber(0, MOST_TRIALS);

/** A row of `parameters`. */
export interface ParameterRow {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'text' | 'json';
  readonly value: number | string;
  readonly origin: 'given' | 'default';
}

/** @throws StoreError `invalid_row` if the value doesn't match its type */
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
  throw rows.invalid(`parameters.value of r${run} is ${quoted(value)}, not a ${type}`);
}

const MOST_VALUES = 1e5;

const parameterList: Schema<readonly number[] | readonly string[]> = v.union(
  [listOf(anyNumber, MOST_VALUES), listOf(text, MOST_VALUES)],
  'is not a list of numbers or texts',
);

const parameter: Schema<ParameterValue> = v.union([anyNumber, truth, text, parameterList], 'is not a param value');

/** JSON columns of the tables. */
export const axes: Schema<SweepDescription['axes']> = listOf(
  object({ name: text, values: listOf(parameter, MOST_TRIALS) }),
  MOST_AXES,
);

export const objective: Schema<Objective> = object({
  metric: text,
  goal: oneOf('min', 'max'),
  of: oneOf('best', 'last'),
});

export const moreObjectives: Schema<readonly MeasuredObjective[]> = listOf(
  object({ metric: text, goal: oneOf('min', 'max') }),
  MOST_AXES,
);

export const trialParameters: Schema<Readonly<Record<string, ParameterValue>>> = recordOf(parameter, MOST_AXES);

export const trialNumbers: Schema<readonly number[]> = listOf(trial, MOST_TRIALS);

const ofTrial = object({ do: oneOf('pause', 'resume', 'stop', 'restart', 'prioritise'), trial });

/** Null for an action that this version doesn't know. */
export const action: Schema<SweepAction | null> = variant<SweepAction | null>(
  'do',
  {
    pause: ofTrial,
    resume: ofTrial,
    stop: ofTrial,
    restart: ofTrial,
    prioritise: ofTrial,
    jobs: object({ do: oneOf('jobs'), jobs: wholeNumber(0, MOST_JOBS) }),
    add_seeds: object({ do: oneOf('add_seeds'), trial, seeds: wholeNumber(1, MOST_TRIALS) }),
  },
  v.pipe(
    object({ do: text }),
    v.transform(() => null),
  ),
);

export const divergence: Schema<NonNullable<RunRecord['divergence']>> = object({
  stage: text,
  step: count,
  layer: text,
});
