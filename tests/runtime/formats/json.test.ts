import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyNumber,
  anything,
  count,
  JsonError,
  lenient,
  listOf,
  nullable,
  object,
  oneOf,
  parseJson,
  readJson,
  recordOf,
  type Schema,
  spelledNumber,
  text,
  variant,
  wholeNumber,
} from '../../../src/runtime/formats/json.js';

function messageOf<T>(schema: Schema<T>, json: string): string {
  try {
    readJson(schema, json, 'it');
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return 'accepted';
}

const person = object({ name: text, ages: listOf(wholeNumber(0, 150), 3), tags: recordOf(count, 2) });
const written = (change: object) => JSON.stringify({ name: 'a', ages: [1], tags: {}, ...change });

describe('what is wrong is told with its place', () => {
  it.each([
    ['"a"', 'it is not an object'],
    ['[]', 'it is not an object'],
    ['null', 'it is not an object'],
    ['{"name":"a"}', 'it.ages is missing'],
    [written({ name: 1 }), 'it.name is not a text'],
    [written({ name: {} }), 'it.name is not a text'],
    [written({ ages: { 0: 1 } }), 'it.ages is not a list'],
    [written({ ages: [1, 151] }), 'it.ages[1] is not a whole number from 0 to 150'],
    [written({ ages: [0, 150, 7] }), /^accepted$/],
    [written({ ages: [1.5] }), 'it.ages[0] is not a whole number from 0 to 150'],
    [written({ ages: [1, 2, 3, 4] }), 'it.ages has 4 entries, more than the limit of 3'],
    [written({ tags: [] }), 'it.tags is not an object'],
    [written({ tags: { a: 1, b: 2, c: 3 } }), 'it.tags has 3 entries, more than the limit of 2'],
    [written({ tags: { ['n'.repeat(100)]: -1 } }), /^it\.tags\.n{60} is not a whole number from 0/],
    ['{"name":', 'it is not JSON'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'it is nested deeper than 64'],
  ])('%s', (json, message) => expect(messageOf(person, json)).toMatch(message));

  it('and further things that are wrong are left out, as are fields that nobody asked for', () => {
    expect(messageOf(person, '{"name":1,"ages":2}')).toBe('it.name is not a text');
    expect(readJson(object({ a: count }), '{"a":1,"b":2}', 'it')).toEqual({ a: 1 });
  });
});

it('any name may be one of a record, and none reaches a prototype', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const json = `{${names.map((name, i) => `${JSON.stringify(name)}:${i}`).join()}}`;
  const read = readJson(recordOf(count, 10), json, 'it');
  expect(Object.entries(read)).toEqual(names.map((name, i) => [name, i]));
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect(messageOf(recordOf(text, 10), json)).toBe('it.__proto__ is not a text');
  // A field is not found in the prototype either.
  expect(messageOf(object({ name: text }), '{"__proto__":{"name":"a"}}')).toBe('it.name is missing');
});

it('any JSON of little depth comes through as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(readJson(anything, JSON.stringify(value), 'it')).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(parseJson(`"${'[{'.repeat(100)}\\""`)).toBe(`${'[{'.repeat(100)}"`);
});

it('an object is of the shape that one of its fields tells', () => {
  const shape = variant<unknown>('kind', {
    a: object({ kind: oneOf('a'), x: count }),
    b: object({ kind: oneOf('b'), y: text }),
  });
  expect(readJson(shape, '{"kind":"b","y":"z"}', 'it')).toEqual({ kind: 'b', y: 'z' });
  expect(messageOf(shape, '{"kind":"b","x":1}')).toBe('it.y is missing');
  expect(messageOf(shape, '{"kind":"toString"}')).toBe('it.kind is not one of a, b');
  expect(messageOf(shape, '{"kind":["a"],"x":1}')).toBe('it.kind is not one of a, b');
  expect(messageOf(shape, '7')).toBe('it is not an object');
});

it('what may be missing is null, and what another version wrote otherwise too', () => {
  const schema = object({ a: nullable(count), b: lenient(count) });
  expect(readJson(schema, '{"b":"text"}', 'it')).toEqual({ a: null, b: null });
  expect(readJson(schema, '{"a":null,"b":3}', 'it')).toEqual({ a: null, b: 3 });
  expect(messageOf(schema, '{"a":"text"}')).toBe('it.a is not a whole number from 0 to 9007199254740991');
});

it('numbers that JSON cannot write are read from their names', () => {
  const read = readJson(listOf(spelledNumber, 9), '["NaN","-Infinity","Infinity",1.5]', 'it');
  expect(read).toEqual([Number.NaN, -Infinity, Infinity, 1.5]);
  expect(messageOf(listOf(spelledNumber, 9), '["1"]')).toBe('it[0] is not a number');
  expect(messageOf(anyNumber, '"NaN"')).toBe('it is not a number');
});
