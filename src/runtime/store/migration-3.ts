/**
 * Adds the extremes of each curve, so that ranking ten thousand trials needs no scan of their epochs. The writer
 * maintains them with the rows (curve-table.ts).
 */
export const extremesOfCurves = `
CREATE TABLE curves (
  run INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  metric INTEGER NOT NULL REFERENCES metrics,
  last_epoch INTEGER NOT NULL,
  minimum REAL,
  minimum_epoch INTEGER,
  maximum REAL,
  maximum_epoch INTEGER,
  CHECK ((minimum IS NULL) = (minimum_epoch IS NULL)),
  CHECK ((maximum IS NULL) = (maximum_epoch IS NULL)),
  PRIMARY KEY (run, stage, metric),
  FOREIGN KEY (run, stage) REFERENCES stages ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO curves
SELECT c.run, c.stage, c.metric, c.last_epoch,
       c.minimum, (SELECT e.epoch FROM epoch_metrics e
                   WHERE e.run = c.run AND e.stage = c.stage AND e.metric = c.metric AND e.value = c.minimum
                   ORDER BY e.epoch LIMIT 1),
       c.maximum, (SELECT e.epoch FROM epoch_metrics e
                   WHERE e.run = c.run AND e.stage = c.stage AND e.metric = c.metric AND e.value = c.maximum
                   ORDER BY e.epoch LIMIT 1)
FROM (SELECT run, stage, metric, max(epoch) AS last_epoch, min(value) AS minimum, max(value) AS maximum
      FROM epoch_metrics GROUP BY run, stage, metric) c;

CREATE VIEW v_curves AS
SELECT 'r' || c.run AS run, c.run AS number, r.experiment, r.seed, s.name AS stage, m.name AS metric,
       c.minimum, c.minimum_epoch, c.maximum, c.maximum_epoch,
       (SELECT e.value FROM epoch_metrics e
        WHERE e.run = c.run AND e.stage = c.stage AND e.metric = c.metric AND e.epoch = c.last_epoch) AS last,
       c.last_epoch
FROM curves c
JOIN runs r USING (run)
JOIN stages s USING (run, stage)
JOIN metrics m USING (metric);
`;
