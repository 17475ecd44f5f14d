import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { numericsVersion } from '../../../src/numerics/version.js';
import { formatLock } from '../../../src/runtime/provenance/lock-file.js';
import type { Measured } from '../../../src/runtime/provenance/measured.js';

/** A repository whose commits a test writes. */
export class ScriptedHistory {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-history-')));

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main');
    this.write('.gitignore', 'results.db*\n');
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    const quiet = ['-c', 'advice.detachedHead=false', '-c', 'protocol.file.allow=always'];
    return execFileSync('git', ['-C', this.folder, ...identity, ...quiet, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Replaces a part of a file, which must be there. */
  edit(path: string, part: string | RegExp, by: string): void {
    const before = this.read(path);
    const after = before.replace(part, by);
    if (after === before) throw new Error(`${path} has no ${String(part)}`);
    this.write(path, after);
  }

  commit(subject: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', `--message=${subject}`);
    return this.git('rev-parse', 'HEAD').trim();
  }

  /** Everything of the repository that a command which only looks must leave as it is. */
  state(): string {
    const index = readFileSync(join(this.folder, '.git', 'index'));
    return [
      index.toString('base64'),
      this.git('--no-optional-locks', 'status', '--porcelain'),
      this.git('for-each-ref'),
      this.git('stash', 'list'),
    ].join('\n');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Locked {
  readonly seeds?: readonly number[];
  readonly diverged?: readonly number[];
  readonly params?: readonly string[];
}

/** A lock file of made-up results. @param experiment its content hash */
export function lockText(
  name: string,
  experiment: string,
  metrics: Measured['metrics'],
  { seeds = [1, 2], diverged = [], params = [] }: Locked = {},
): string {
  const section = {
    name,
    params,
    experiment,
    data: { name: 'digits', sha256: 'd'.repeat(64) },
    backend: 'cpu',
    numerics: numericsVersion,
    kernels: null,
    package: '0.1.0',
    seeds,
    weights: seeds.map((seed) =>
      createHash('sha256')
        .update(JSON.stringify([metrics, seed]))
        .digest('hex'),
    ),
    metrics,
    best: {},
    initial: null,
    diverged,
    chain: [],
  };
  return formatLock({ sections: [section] });
}

/** A table of made-up measurements; `first` is its first value. */
export function table(first: string): string {
  const rows = Array.from({ length: 60 }, (_, i) =>
    [i * 7, i * 3 + 1, i * 5 + 2].map((x) => ((x % 11) / 11).toFixed(3)).join(','),
  );
  return ['a,b,c', ...rows].join('\n').replace(/\n[^,]*/, `\n${first}`);
}

export const smallExperiment = `experiment small {
  param lr = 0.01

  data csv("data/table.csv", test=10) { min_max() }
  encoder {
    h: dense(4, activation=tanh)
    code: dense(2)
  }
  decoder { dense(input.size, activation=sigmoid) }

  loss mse()
  train adam(lr=lr) { epochs = 2  batch = 10 }
}
`;
