/** The statements behind the questions, for their plans. */
export const plans = {
  'newest sweeps': 'SELECT * FROM sweeps ORDER BY sweep DESC LIMIT 50',
  'states of sweeps':
    "SELECT t.sweep, t.state, count(*) FROM json_each('[1]') w CROSS JOIN sweep_trials t ON t.sweep = w.value GROUP BY 1, 2",
  'trials of a sweep': 'SELECT * FROM sweep_trials WHERE sweep = 1 ORDER BY trial',
  'newest runs': 'SELECT * FROM runs ORDER BY run DESC LIMIT 50',
  'runs outside of sweeps': 'SELECT * FROM runs WHERE sweep IS NULL ORDER BY run DESC LIMIT 50',
  'epochs of a run': 'SELECT * FROM epoch_metrics WHERE run = 7',
  'best of a metric': `SELECT c.minimum, c.minimum_epoch FROM json_each('[7]') a
     CROSS JOIN curves c ON c.run = a.value AND c.stage = (SELECT max(s.stage) FROM stages s WHERE s.run = a.value)
       AND c.metric = (SELECT metric FROM metrics WHERE name = 'validation.mse')`,
  'metrics at the end':
    "SELECT * FROM json_each('[7]') a CROSS JOIN final_metrics f ON f.run = a.value AND f.metric IN (SELECT value FROM json_each('[1]'))",
  'a series': 'SELECT * FROM series WHERE run = 7 AND stage = 0 AND metric = 1',
  'complete runs of a trial':
    "SELECT * FROM runs WHERE identity = 'x' AND status = 'complete' ORDER BY run DESC LIMIT 1",
  'unfinished runs': "SELECT * FROM runs WHERE status = 'running'",
  'checkpoints of a run': 'SELECT * FROM checkpoints WHERE run = 7 ORDER BY checkpoint DESC',
};
