import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileText } from '../compiler/compiled.js';

const read = (file: string) => JSON.parse(readFileSync(`editors/vscode/${file}`, 'utf8'));

test('the extension has what it says, and the commands of the lenses', () => {
  const { publisher, name, contributes, main } = read('package.json');
  expect(`${publisher}.${name}`).toBe('aedsl.aedsl');
  expect(main).toBe('./dist/extension.js');
  for (const { configuration } of contributes.languages) {
    expect(existsSync(`editors/vscode/${configuration}`)).toBe(true);
    expect(read(configuration).brackets).toHaveLength(3);
  }
  const source = readFileSync('editors/vscode/src/extension.ts', 'utf8');
  const registered = [...source.matchAll(/registerCommand\('([\w.]+)'/g)].map(([, command]) => command);
  const lenses = readFileSync('src/editor/lenses.ts', 'utf8').matchAll(/'(aedsl\.\w+)'/g);
  for (const [, command] of lenses) expect(registered).toContain(command);
  for (const { command } of contributes.commands) expect(registered).toContain(command);
  const [grammar] = contributes.grammars;
  expect(JSON.parse(readFileSync('grammar/aedsl.tmLanguage.json', 'utf8')).scopeName).toBe(grammar.scopeName);
  // A folder that nobody trusts cannot say what is run.
  expect(contributes.configuration.properties['aedsl.path'].scope).toBe('machine');
});

test('its snippets compile as they are inserted', () => {
  const snippets: readonly { prefix: string; body: readonly string[] }[] = Object.values(read('snippets.json'));
  for (const { prefix, body } of snippets) {
    const text = body.join('\n').replaceAll(/\$\{\d+:([^}]*)\}|\$\d/g, (_, filled = '') => filled);
    if (prefix === 'extends') continue;
    expect(() => compileText(text), prefix).not.toThrow();
  }
  expect(snippets.length).toBeGreaterThan(3);
});
