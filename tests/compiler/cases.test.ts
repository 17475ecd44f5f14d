import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindExperiment, compileTrial } from '../../src/compiler/compile.js';
import { diagnosticCodes } from '../../src/compiler/diagnostics/codes.js';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.js';
import type { Assignment } from '../../src/compiler/resolve/bound.js';
import { parseExpression } from '../../src/compiler/syntax/parse.js';
import { positionAt } from '../../src/compiler/syntax/source.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../src/words/words.js';
import { testWorld } from './world.js';

// Each file of cases/ states the diagnostics it expects on the line that causes them: `// error: AE203`, or
// `// warning: AE503`; `// error: AE105 AE102` for two. A line `// with: rho=2` assigns a param. What has no line of the
// file is expected in a line `// elsewhere: AE215`.
const folder = 'tests/compiler/cases';

describe('diagnostics, as the case files state them', () => {
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.ae'))
    .sort()) {
    it(file, () => {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      expect(found(path, text)).toEqual(expected(text));
    });
  }

  it('every code has a case', () => {
    const text = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const stated = new Set(
      [...text.matchAll(/\/\/ (?:error|warning|elsewhere):((?: AE\d+)+)/g)].flatMap((m) => m[1]?.trim().split(' ')),
    );
    // A case of the first one would have four million characters: tests/hostile/texts.test.ts makes it. The others are of
    // stored runs, which are looked up once a text has compiled: tests/trial/stored-starts.test.ts.
    expect(Object.keys(diagnosticCodes).filter((code) => !stated.has(code))).toEqual(['AE110', 'AE703', 'AE704']);
  });
});

function expected(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, i) => {
      const here = /\/\/ (error|warning):((?: AE\d+)+)/.exec(line);
      const elsewhere = /\/\/ elsewhere:((?: AE\d+)+)/.exec(line);
      const codes = (match: string | undefined) => (match ?? '').trim().split(' ');
      if (here) return codes(here[2]).map((code) => `${i + 1} ${here[1]} ${code}`);
      return elsewhere ? codes(elsewhere[1]).map((code) => `elsewhere ${code}`) : [];
    })
    .sort();
}

function found(path: string, text: string): readonly string[] {
  const world = testWorld();
  const source = { path, text };
  const bound = bindExperiment(source, null, world);
  const diagnostics: Diagnostic[] = [...bound.diagnostics];
  if (bound.value) {
    const most = /\/\/ max-parameters: (\d+)/.exec(text)?.[1];
    const options = {
      library: builtinWords,
      world,
      assignments: assignmentsIn(text),
      ...(most === undefined ? {} : { mostParameters: Number(most) }),
    };
    diagnostics.push(...compileTrial(bound.value, options).diagnostics);
    if (bound.value.sweep)
      diagnostics.push(...planSweep({ library: builtinWords, source, world, mostTrials: null }).diagnostics);
  }
  const lines = diagnostics.map((d) =>
    d.span?.source.path === path
      ? `${positionAt(d.span.source, d.span.start).line} ${d.severity} ${d.code}`
      : `elsewhere ${d.code}`,
  );
  return [...new Set(lines)].sort();
}

function assignmentsIn(text: string): readonly Assignment[] {
  return [...text.matchAll(/\/\/ with: (\w+)=(.+)/g)].flatMap(([, name = '', value = '']) => {
    const source = { path: 'command line', text: value };
    const expression = parseExpression(source).value;
    return expression ? [{ name: { name, span: { source, start: 0, end: 0 } }, value: expression }] : [];
  });
}
