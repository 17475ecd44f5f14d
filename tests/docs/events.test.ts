import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const documentation = readFileSync('docs/events.md', 'utf8');

/** Events that no `--json` prints: pictures for the dashboard. */
const unprinted: ReadonlySet<string> = new Set(['preview']);

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

/** The types of what happens, and what commands print beside it. */
function eventNames(): readonly string[] {
  const declared = sourcesBelow('src').flatMap((text) => [...text.matchAll(/readonly event: '(\w+)'/g)]);
  const printed = sourcesBelow('src/cli').flatMap((text) => [
    ...text.matchAll(/\bevent: '(\w+)',(?! listener)/g),
    ...text.matchAll(/JSON\.stringify\(\{ event: '(\w+)'/g),
  ]);
  const names = [...declared, ...printed].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !unprinted.has(name)).sort();
}

describe('docs/events.md', () => {
  it('names every event that a command prints', () => {
    const names = eventNames();
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
  });

  it('has tables of events that there are', () => {
    const rows = [...documentation.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
    expect(rows.length).toBeGreaterThan(20);
    const names = eventNames();
    expect(rows.filter((name) => !names.includes(name))).toEqual([]);
  });
});
