import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { listOf, readJsonFile, type Schema, text } from '../runtime/formats/json.js';

/** The settings of a project: `{ "words": ["./words/lion.js"], "slurm": { "partition": "gpu" } }`. */
export const configName = 'aedsl.config.json';

const limits = { bytes: 2 ** 20, modules: 100 } as const;

export interface ProjectConfig {
  /** Modules with words, by path or by the name of a package. */
  readonly words: readonly string[];
  /** What its sweeps ask of Slurm, which whoever submits them checks; undefined if it says nothing. */
  readonly slurm?: unknown;
  /** How other hosts train its sweeps, which whoever submits them checks too. */
  readonly ssh?: unknown;
}

const config: Schema<ProjectConfig> = v.strictObject(
  { words: v.optional(listOf(text, limits.modules), []), slurm: v.optional(v.unknown()), ssh: v.optional(v.unknown()) },
  'has an unknown setting',
);

/** @returns the settings of a project, also if it has no file for them @throws FileError, JsonError */
export function readProjectConfig(folder: string): ProjectConfig {
  const path = join(folder, configName);
  return existsSync(path) ? readJsonFile(config, path, limits.bytes) : { words: [] };
}
