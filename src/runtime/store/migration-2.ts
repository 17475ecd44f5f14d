/**
 * Adds sweeps, their trials and checkpoints, and the other inputs that determine a run's bits (a step limit, given
 * weights), so that identities can be told apart. A run cut short by a version without these columns has the identity
 * of the full trial: its `max_steps` is NULL although a stage ended by `max_steps`.
 */
export const sweepsAndCheckpoints = `
INSERT INTO statuses VALUES
  ('paused', 'waits within a sweep, with a checkpoint to go on from'),
  ('pruned', 'a rung of its sweep decided against it'),
  ('stopped', 'ended by a person');

CREATE TABLE trial_states (
  state TEXT PRIMARY KEY,
  meaning TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO trial_states VALUES
  ('queued', 'waits for a worker'),
  ('running', 'trains, if the process that writes it is alive'),
  ('paused', 'waits for a person or for the other trials of a rung'),
  ('complete', 'trained to the end'),
  ('cached', 'the same trial was complete already, and is reused'),
  ('diverged', 'a value became non-finite'),
  ('failed', 'ended by an error'),
  ('pruned', 'a rung decided against it'),
  ('stopped', 'ended by a person'),
  ('interrupted', 'the sweep ended before it');

CREATE TABLE sweeps (
  sweep INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES sessions,
  name TEXT NOT NULL,
  experiment TEXT NOT NULL,
  file TEXT,
  backend TEXT NOT NULL,
  axes TEXT NOT NULL,
  objective TEXT,
  pruning TEXT,
  forced INTEGER NOT NULL DEFAULT 0,
  command TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted')),
  started TEXT NOT NULL,
  updated TEXT NOT NULL,
  finished TEXT
) STRICT;

CREATE INDEX sweeps_name ON sweeps (name, sweep);
CREATE INDEX sweeps_unfinished ON sweeps (status) WHERE status = 'running';

CREATE TABLE sweep_trials (
  sweep INTEGER NOT NULL REFERENCES sweeps ON DELETE CASCADE,
  trial INTEGER NOT NULL,
  parameters TEXT NOT NULL,
  seed INTEGER NOT NULL,
  identity TEXT NOT NULL,
  recipe INTEGER NOT NULL REFERENCES texts,
  state TEXT NOT NULL REFERENCES trial_states,
  reason TEXT,
  run INTEGER REFERENCES runs,
  objective REAL,
  objective_epoch INTEGER,
  PRIMARY KEY (sweep, trial)
) STRICT, WITHOUT ROWID;

CREATE INDEX sweep_trials_state ON sweep_trials (sweep, state);
CREATE INDEX sweep_trials_run ON sweep_trials (run) WHERE run IS NOT NULL;

CREATE TABLE sweep_actions (
  action INTEGER PRIMARY KEY,
  sweep INTEGER NOT NULL REFERENCES sweeps ON DELETE CASCADE,
  time TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE INDEX sweep_actions_sweep ON sweep_actions (sweep);

CREATE TABLE sweep_decisions (
  decision INTEGER PRIMARY KEY,
  sweep INTEGER NOT NULL REFERENCES sweeps ON DELETE CASCADE,
  time TEXT NOT NULL,
  rung INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  kept TEXT NOT NULL,
  pruned TEXT NOT NULL
) STRICT;

CREATE INDEX sweep_decisions_sweep ON sweep_decisions (sweep);

ALTER TABLE runs ADD COLUMN sweep INTEGER REFERENCES sweeps;
ALTER TABLE runs ADD COLUMN max_steps INTEGER;
ALTER TABLE runs ADD COLUMN initial_sha256 TEXT;

CREATE INDEX runs_sweep ON runs (sweep, run);
CREATE INDEX runs_paused ON runs (status) WHERE status = 'paused';

CREATE TABLE checkpoints (
  checkpoint INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  stage INTEGER NOT NULL,
  step INTEGER NOT NULL,
  epochs INTEGER NOT NULL,
  seconds REAL NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  time TEXT NOT NULL
) STRICT;

CREATE INDEX checkpoints_run ON checkpoints (run, checkpoint);

CREATE TABLE kinds_of_files (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('figure', 'weights', 'chain')),
  name TEXT NOT NULL,
  object INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (run, kind, name)
) STRICT, WITHOUT ROWID;

INSERT INTO kinds_of_files SELECT * FROM files;
DROP TABLE files;
ALTER TABLE kinds_of_files RENAME TO files;

DROP VIEW v_trials;
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
  r.file, r.divergence, r.error,
  's' || r.sweep AS sweep,
  (SELECT t.trial FROM sweep_trials t WHERE t.run = r.run AND t.sweep = r.sweep) AS trial,
  r.max_steps, r.initial_sha256
FROM runs r;

CREATE VIEW v_sweeps AS
SELECT
  's' || s.sweep AS sweep,
  s.sweep AS number,
  s.name, s.experiment, s.file, s.backend, s.status,
  (SELECT count(*) FROM sweep_trials t WHERE t.sweep = s.sweep) AS trials,
  (SELECT json_group_object(c.state, c.n)
     FROM (SELECT t.state, count(*) AS n FROM sweep_trials t WHERE t.sweep = s.sweep GROUP BY t.state) c) AS counts,
  s.axes, s.objective, s.pruning, s.started, s.updated, s.finished, s.command
FROM sweeps s;

CREATE VIEW v_sweep_trials AS
SELECT
  's' || t.sweep AS sweep,
  t.sweep AS number,
  t.trial, t.parameters, t.seed, t.state, t.reason,
  'r' || t.run AS run,
  t.run AS run_number,
  t.objective, t.objective_epoch, t.identity
FROM sweep_trials t;
`;
