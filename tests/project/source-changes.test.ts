import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourceChanges } from '../../src/project/source-changes.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-sources-'));
  mkdirSync(join(folder, 'experiments', 'base'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('looks for a file where the one that extends it names it, and says which are not what they were', () => {
  const main = { path: join(folder, 'experiments', 'masking.ae'), text: 'experiment a extends "base/denoising.ae" {}' };
  const parent = { path: 'base/denoising.ae', text: 'experiment b extends "plain.ae" {}' };
  const grandparent = { path: 'plain.ae', text: 'experiment c {}' };
  const sources = [main, parent, grandparent];
  const files = [main.path, join(folder, 'experiments', parent.path), join(folder, 'experiments', 'base', 'plain.ae')];
  for (const [i, file] of files.entries()) writeFileSync(file, sources[i]?.text ?? '');
  expect(sourceChanges({ sources }, 's1')).toEqual([]);
  writeFileSync(files[1] ?? '', 'experiment b {}');
  rmSync(files[2] ?? '');
  expect(sourceChanges({ sources }, 's1')).toEqual([
    'base/denoising.ae has changed since; s1 continues with the recorded text',
    'plain.ae no longer exists; s1 continues with the recorded text',
  ]);
});
