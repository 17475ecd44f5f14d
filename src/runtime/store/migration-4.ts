/**
 * Gives evaluations and figures a state of their own, because the weights are stored before they are made. NULL for a
 * run that did not train to its end, and for runs of versions that stored weights after them.
 */
export const evaluationsOfRuns = `
ALTER TABLE runs ADD COLUMN evaluation TEXT CHECK (evaluation IN ('pending', 'complete', 'failed'));
ALTER TABLE runs ADD COLUMN evaluation_error TEXT;

CREATE INDEX runs_unevaluated ON runs (run) WHERE evaluation = 'pending';

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
  r.max_steps, r.initial_sha256,
  r.evaluation, r.evaluation_error
FROM runs r;
`;
