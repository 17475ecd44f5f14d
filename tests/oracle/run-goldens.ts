import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { type GoldenReport, reporting } from './golden-report.js';
import { runTable } from './golden-tables.js';
import { runCase } from './run-case.js';

/**
 * The case folders and tables that a path stands for: itself, or those within a folder.
 * @throws Error where there is none, or nothing at all
 */
export function findGoldens(path: string): readonly string[] {
  if (isGolden(path)) return [path];
  if (!statSync(path).isDirectory()) throw new Error(`${path} is neither a golden case nor a table`);
  const found = readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter(isGolden);
  if (found.length === 0) throw new Error(`${path} has no golden cases`);
  return found;
}

function isGolden(path: string): boolean {
  return path.endsWith('.json') ? statSync(path).isFile() : existsSync(join(path, 'case.json'));
}

/** Runs a case folder or a table on TF.js's current backend. */
export function runGolden(path: string, words: LoweredLibrary): GoldenReport {
  const name = basename(path);
  return reporting(name, () =>
    path.endsWith('.json') ? runTable(name, readFileSync(path, 'utf8'), words) : runCase(path, words),
  );
}
