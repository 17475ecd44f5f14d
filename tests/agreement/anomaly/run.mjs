// Whether anomalies are found as well as by PyOD's AutoEncoder: node tests/agreement/anomaly/run.mjs
//
// Trains the experiments of pyod.ae with the seeds 1 to 5. The mean of each measure has to be within a standard deviation of
// PyOD's over its five seeds (pyod.json, made by pyod_scores.py). Needs dist/ (npm run build). Exits 1 where it is not.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSourceFile, run } from '../../../dist/src/index.js';

const place = (name) => fileURLToPath(new URL(name, import.meta.url));
const expected = JSON.parse(readFileSync(place('pyod.json'), 'utf8'));
const source = readSourceFile(place('pyod.ae'));
const seeds = [1, 2, 3, 4, 5];
let apart = 0;

for (const [experiment, measures] of Object.entries(expected)) {
  const results = [];
  for (const seed of seeds) {
    const { model, metrics } = await run({ source, experiment, seed, backend: 'simd' });
    model?.dispose();
    results.push(metrics);
  }
  for (const [name, values] of Object.entries(measures)) {
    const [theirs, ours] = [summary(values), summary(results.map((metrics) => metrics[`test.anomaly.${name}`]))];
    const deviations = Math.abs(ours.mean - theirs.mean) / theirs.deviation;
    const isNear = deviations <= 1;
    if (!isNear) apart++;
    const text = ({ mean, deviation }) => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
    console.log(
      `${isNear ? 'near ' : 'APART'} ${experiment} ${name}: ${text(ours)}, PyOD ${text(theirs)} (${deviations.toFixed(2)} deviations)`,
    );
  }
}
process.exitCode = apart === 0 ? 0 : 1;

function summary(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
