import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { recordedAs } from '../../src/metrics/definitions.js';
import { identitySpelling, presentName } from '../../src/metrics/former-names.js';
import { parseLock } from '../../src/runtime/provenance/lock-file.js';
import { migrations } from '../../src/runtime/store/migrations.js';
import { migrate } from '../../src/runtime/store/schema.js';
import Database from '../sqlite.js';

/** Names as they were recorded, and as they are called now. */
const renamed: readonly (readonly [string, string])[] = [
  ['mse_term', 'loss.mse'],
  ['kl_sparsity_2', 'loss.kl_sparsity_2'],
  ['test.mse_term', 'test.loss.mse'],
  ['validation.mse_2', 'validation.loss.mse_2'],
  ['train.kl_sparsity', 'train.loss.kl_sparsity'],
  ['train_evaluated.bce_with_logits', 'train_evaluated.loss.bce_with_logits'],
  ['test.l2_12', 'test.loss.l2_12'],
  ['pretrain_2.encoder.1.bce', 'pretrain_2.encoder.1.loss.bce'],
  ['pretrain.encoder.0.mse_term', 'pretrain.encoder.0.loss.mse'],
];
const kept: readonly string[] = [
  ...[
    'loss',
    'mse',
    'sse',
    'gradient_norm',
    'train.loss',
    'validation.final_loss',
    'test.mse',
    'test.sse',
    'test.knn_2',
  ],
  ...[
    'test.denoising.mse',
    'encoder.1.kl_3',
    'pretrain.encoder.0.reconstruction',
    'test.loss.kl_sparsity',
    'loss.mse_2',
  ],
  ...['train.loss.mse', 'test.another_bce', 'test.bce_x'],
];

describe('a name of before', () => {
  it.each(renamed)('%s is %s', (before, now) => {
    expect(presentName(before)).toBe(now);
    expect(presentName(now)).toBe(now);
  });

  it.each(kept)('%s has stayed', (name) => {
    expect(presentName(name)).toBe(name);
  });
});

test('a database of before has the present names, each metric with its rows, and sweeps have their objective', () => {
  const database = new Database(':memory:');
  migrate(database, 'old', migrations.slice(0, 5));
  const names = [...renamed.map(([before]) => before), ...kept.filter((name) => !name.includes('loss.'))];
  const insert = database.prepare('INSERT INTO metrics (name) VALUES (?)');
  for (const name of names) insert.run(name);
  database.exec(`
    INSERT INTO sessions (session, pid, host, command, started) VALUES (1, 1, 'host', 'aedsl sweep', '2024-01-01');
    INSERT INTO texts VALUES (1, 'a', '{}');`);
  const sweep =
    database.prepare(`INSERT INTO sweeps (session, name, experiment, backend, axes, objective, forced, command, status, started, updated)
    VALUES (1, 's', 'e', 'cpu', '[]', ?, 0, 'aedsl sweep', 'complete', '2024-01-01', '2024-01-01')`);
  const objectives = ['validation.mse_term', 'validation.kl_sparsity_2', 'validation.bce', 'validation.mse'];
  for (const metric of objectives) sweep.run(JSON.stringify({ metric, goal: 'min', of: 'best' }));
  migrate(database, 'old', migrations);
  expect(database.prepare('SELECT name FROM metrics ORDER BY metric').pluck().all()).toEqual(names.map(presentName));
  expect(database.prepare("SELECT objective ->> '$.metric' FROM sweeps ORDER BY sweep").pluck().all()).toEqual(
    objectives.map(presentName),
  );
  database.close();
});

test('lock files of before are read, and their checksums hold', () => {
  const files = readdirSync('experiments').filter((file) => file.endsWith('.ae.lock'));
  const metrics = files.flatMap((file) =>
    parseLock(readFileSync(join('experiments', file), 'utf8'), file).sections.flatMap((section) =>
      Object.keys(section.metrics),
    ),
  );
  expect(metrics).toContain('test.loss.mse');
  expect(metrics.filter((name) => presentName(name) !== name)).toEqual([]);
});

test('the language knows a term by its word, and an identity by the spelling it has always had', () => {
  const recorded = ['loss', 'loss.mse', 'loss.own', 'mse', 'sse'];
  expect(
    ['loss', 'own', 'loss.own', 'mse', 'mse_term', 'kl_sparsity'].map((name) => recordedAs(name, recorded)),
  ).toEqual(['loss', 'loss.own', 'loss.own', 'mse', 'loss.mse', null]);
  expect(['loss', 'mse', 'mse_term', 'loss.mse', 'loss.own', 'own'].map(identitySpelling)).toEqual([
    'loss',
    'mse',
    'mse_term',
    'mse_term',
    'own',
    'own',
  ]);
});
