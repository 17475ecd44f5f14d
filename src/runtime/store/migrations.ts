import { renamingSql } from '../../metrics/former-names.js';
import { sweepsAndCheckpoints } from './migration-2.js';
import { extremesOfCurves } from './migration-3.js';
import { evaluationsOfRuns } from './migration-4.js';

/** One step of the schema. A database at `version` has had all steps up to it; a released step never changes. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * Tables are an implementation detail; the views are public and keep the meaning of their columns (docs/results.md).
 * Metric names are interned, so that a metric row takes about twenty bytes. SQLite turns NaN into NULL, so a non-finite
 * value is NULL with the reason beside it.
 */
const first = `
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  command TEXT NOT NULL,
  started TEXT NOT NULL,
  ended TEXT
) STRICT;

CREATE TABLE texts (
  text_id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE statuses (
  status TEXT PRIMARY KEY,
  meaning TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO statuses VALUES
  ('running', 'training, if the process that writes it is alive'),
  ('complete', 'trained to the end'),
  ('diverged', 'a value became non-finite'),
  ('interrupted', 'ended by a signal, or its process died'),
  ('failed', 'ended by an error');

CREATE TABLE runs (
  run INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES sessions,
  identity TEXT NOT NULL,
  experiment TEXT NOT NULL,
  file TEXT,
  source INTEGER NOT NULL REFERENCES texts,
  ir_sha256 TEXT NOT NULL,
  ir INTEGER NOT NULL REFERENCES texts,
  seed INTEGER NOT NULL,
  backend TEXT NOT NULL,
  numerics TEXT NOT NULL,
  data TEXT NOT NULL,
  data_sha256 TEXT NOT NULL,
  environment INTEGER NOT NULL REFERENCES texts,
  status TEXT NOT NULL REFERENCES statuses,
  started TEXT NOT NULL,
  updated TEXT NOT NULL,
  finished TEXT,
  seconds REAL,
  trainable_parameters INTEGER,
  weights_sha256 TEXT,
  divergence TEXT,
  error TEXT
) STRICT;

CREATE INDEX runs_identity ON runs (identity);
CREATE INDEX runs_experiment ON runs (experiment, run);
CREATE INDEX runs_unfinished ON runs (status) WHERE status = 'running';

CREATE TABLE parameters (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('number', 'boolean', 'text', 'json')),
  value ANY,
  origin TEXT NOT NULL CHECK (origin IN ('given', 'default')),
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stages (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  stage INTEGER NOT NULL,
  name TEXT NOT NULL,
  epochs INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  epochs_done INTEGER NOT NULL DEFAULT 0,
  steps_done INTEGER NOT NULL DEFAULT 0,
  steps_per_second REAL,
  reason TEXT,
  PRIMARY KEY (run, stage),
  UNIQUE (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
  metric INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE series (
  run INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  metric INTEGER NOT NULL REFERENCES metrics,
  first_step INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  minimum REAL,
  maximum REAL,
  first_nonfinite INTEGER,
  float32 BLOB NOT NULL,
  CHECK (length(float32) = 4 * steps),
  FOREIGN KEY (run, stage) REFERENCES stages ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX series_place ON series (run, stage, metric, first_step);

CREATE TABLE epoch_metrics (
  run INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  metric INTEGER NOT NULL REFERENCES metrics,
  epoch INTEGER NOT NULL,
  value REAL,
  nonfinite TEXT CHECK (nonfinite IN ('NaN', 'Infinity', '-Infinity')),
  CHECK ((value IS NULL) = (nonfinite IS NOT NULL)),
  PRIMARY KEY (run, stage, metric, epoch),
  FOREIGN KEY (run, stage) REFERENCES stages ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE final_metrics (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  metric INTEGER NOT NULL REFERENCES metrics,
  value REAL,
  nonfinite TEXT CHECK (nonfinite IN ('NaN', 'Infinity', '-Infinity')),
  CHECK ((value IS NULL) = (nonfinite IS NOT NULL)),
  PRIMARY KEY (run, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (
  object INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  extension TEXT NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('figure', 'weights')),
  name TEXT NOT NULL,
  object INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (run, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  time TEXT NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE INDEX events_run ON events (run);

CREATE VIEW v_trials AS
SELECT
  'r' || r.run AS run,
  r.run AS number,
  r.experiment,
  r.seed,
  r.status,
  (SELECT json_group_object(p.name, json(CASE p.type WHEN 'text' THEN json_quote(p.value) WHEN 'number' THEN json_quote(p.value) ELSE p.value END))
     FROM parameters p WHERE p.run = r.run) AS parameters,
  (SELECT json_group_object(m.name, coalesce(f.value, f.nonfinite))
     FROM final_metrics f JOIN metrics m USING (metric) WHERE f.run = r.run) AS metrics,
  r.started, r.updated, r.finished, r.seconds,
  r.identity, r.ir_sha256, r.data, r.data_sha256, r.backend, r.numerics, r.weights_sha256,
  r.file, r.divergence, r.error
FROM runs r;

CREATE VIEW v_epochs AS
SELECT 'r' || e.run AS run, e.run AS number, r.experiment, r.seed, s.name AS stage, e.epoch, m.name AS metric, e.value, e.nonfinite
FROM epoch_metrics e
JOIN runs r USING (run)
JOIN stages s USING (run, stage)
JOIN metrics m USING (metric);

CREATE VIEW v_steps AS
SELECT 'r' || x.run AS run, x.run AS number, r.experiment, r.seed, s.name AS stage, m.name AS metric,
       x.first_step, x.steps, x.minimum, x.maximum, x.first_nonfinite, x.float32
FROM series x
JOIN runs r USING (run)
JOIN stages s USING (run, stage)
JOIN metrics m USING (metric);
`;

/**
 * Several processes write: each names the file whose lock it holds while it lives (sessions.ts). Sessions of earlier
 * releases have none.
 */
const locksOfSessions = 'ALTER TABLE sessions ADD COLUMN lock TEXT';

/** The shorter sweep or run from whose states a sweep's trials start, which a resumed sweep needs again. */
const startsOfSweeps = 'ALTER TABLE sweeps ADD COLUMN starts_from TEXT';

/** The weights that a sweep's trials were given, which those that have not begun need when it is resumed. */
const initOfSweeps = 'ALTER TABLE sweeps ADD COLUMN init INTEGER REFERENCES objects';

/** What proposes a sweep's points, and what it is judged by besides the first objective. */
const searchOfSweeps = `ALTER TABLE sweeps ADD COLUMN search TEXT;
ALTER TABLE sweeps ADD COLUMN more_objectives TEXT`;

export const migrations: readonly Migration[] = [
  { version: 1, sql: first },
  { version: 2, sql: sweepsAndCheckpoints },
  { version: 3, sql: extremesOfCurves },
  { version: 4, sql: evaluationsOfRuns },
  { version: 5, sql: locksOfSessions },
  { version: 6, sql: renamingSql },
  { version: 7, sql: startsOfSweeps },
  { version: 8, sql: initOfSweeps },
  { version: 9, sql: searchOfSweeps },
];
