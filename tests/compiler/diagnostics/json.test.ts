import { expect, it } from 'vitest';
import { diagnosticToJson } from '../../../src/compiler/diagnostics/json.js';

const source = { path: 'a.ae', text: 'one\ntwo three\nfour' };

it('a diagnostic as data has files, lines and columns', () => {
  const json = diagnosticToJson({
    code: 'AE201',
    severity: 'warning',
    message: 'message',
    span: { source, start: 8, end: 16 },
    related: [{ span: { source, start: 0, end: 0 }, message: 'here' }],
    hint: 'hint',
  });
  expect(JSON.parse(JSON.stringify(json))).toEqual({
    code: 'AE201',
    severity: 'warning',
    message: 'message',
    hint: 'hint',
    range: { file: 'a.ae', line: 2, column: 5, endLine: 3, endColumn: 3 },
    related: [{ message: 'here', range: { file: 'a.ae', line: 1, column: 1, endLine: 1, endColumn: 1 } }],
  });
});

it('a diagnostic without a place has none', () => {
  const json = diagnosticToJson({
    code: 'AE215',
    severity: 'error',
    message: 'm',
    span: null,
    related: [],
    hint: null,
  });
  expect(json).toEqual({ code: 'AE215', severity: 'error', message: 'm', hint: null, range: null, related: [] });
});
