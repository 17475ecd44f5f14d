import { codeReference } from '../compiler/ir/experiment.js';
import { assign } from '../runtime/evaluation/assignment.js';
import { alignmentOf, centredGram } from '../runtime/evaluation/cka.js';
import { type Matrix, stacked } from '../runtime/evaluation/matrix.js';
import { absoluteCosines } from '../runtime/evaluation/recovery.js';
import { completed } from '../runtime/evaluation/work.js';
import { type PairValue, summarizePairs } from '../runtime/statistics/pairs.js';
import { type ModelWithData, portionsOf } from '../trial/chunks.js';
import { engineProducts } from '../trial/evaluations.js';
import { loadStored } from '../trial/load.js';
import { Model, matrixOf } from '../trial/model.js';
import { directionsOf } from '../trial/recovered-features.js';
import { isLinearDecoder } from '../words/loss/linear-decoder.js';
import { type Consistency, type ConsistencyOptions, stableFrom } from './stability.js';
import type { Setting, TrialTable } from './sweep-table.js';

/** Examples whose codes are compared, the first of the test part. */
const mostExamples = 1000;

interface Learned {
  readonly seed: number;
  readonly directions: Matrix | null;
  readonly gram: Float32Array;
}

/**
 * Compares what the seeds of each setting learned. Settings with fewer than two seeds are left out.
 * @throws LoadError for a run without weights; DatasetError
 */
export async function consistencyOf(
  table: Pick<TrialTable, 'settings'>,
  options: ConsistencyOptions,
): Promise<readonly Consistency[]> {
  const found: Consistency[] = [];
  const settings = table.settings.filter(({ replicates }) => replicates.length > 1);
  const of = settings.reduce((total, { replicates: { length } }) => total + length + (length * (length - 1)) / 2, 0);
  let done = 0;
  const begin = (what: string) => options.onProgress?.({ what, done: done++, of });
  for (const setting of settings) found.push(await consistencyOfSetting(setting, options, begin));
  return found;
}

/** @param begin is told what is done next: a run, or a pair of seeds */
async function consistencyOfSetting(
  setting: Setting,
  options: ConsistencyOptions,
  begin: (what: string) => void,
): Promise<Consistency> {
  const learned: Learned[] = [];
  let data: ModelWithData['data'] | null = null;
  for (const { runId, seed } of setting.replicates) {
    if (runId === null) throw new RangeError('a trial that ended has no run');
    begin(runId);
    const { trial, weights } = await loadStored(runId, options.store, { library: options.library });
    // The data don't depend on the seed, so those of the first trial serve all.
    data ??= (await trial.loadData()).data;
    await trial.chooseBackend();
    const model = new Model(trial.compiled.ir, weights, trial.library);
    try {
      learned.push(whatIsLearned({ model, weights, data, seed, library: trial.library }));
    } finally {
      model.dispose();
    }
  }
  const pairs = learned.flatMap((a, i) => learned.slice(i + 1).map((b): readonly [Learned, Learned] => [a, b]));
  const members = ([a, b]: readonly [Learned, Learned]): PairValue['members'] => [a.seed, b.seed];
  const cka = summarizePairs(
    pairs.map((pair) => ({ members: members(pair), value: alignmentOf(pair[0].gram, pair[1].gram) })),
  );
  const seeds = learned.map(({ seed }) => seed);
  const sums = new Map(learned.map(({ seed, directions }) => [seed, new Float64Array(directions?.rows ?? 0)]));
  const values = pairs.flatMap((pair): readonly PairValue[] => {
    const [a, b] = pair;
    begin(`seeds ${a.seed} and ${b.seed}`);
    if (a.directions === null || b.directions === null) return [];
    const [ofA, ofB] = [sums.get(a.seed), sums.get(b.seed)];
    if (ofA === undefined || ofB === undefined) throw new RangeError('a seed without units');
    const cosines = completed(absoluteCosines(a.directions, b.directions, engineProducts));
    let total = 0;
    for (const [unit, counterpart] of completed(assign(cosines)).entries()) {
      const cosine = cosines.values[unit * cosines.columns + counterpart] ?? 0;
      ofA[unit] = (ofA[unit] ?? 0) + cosine;
      ofB[counterpart] = (ofB[counterpart] ?? 0) + cosine;
      total += cosine;
    }
    return [{ members: members(pair), value: total / cosines.rows }];
  });
  if (values.length === 0) return { setting, seeds, mcc: null, cka, stable: null, similarities: [] };
  const similarities = [...sums.values()].map((sum) =>
    sum
      .map((each) => each / (seeds.length - 1))
      .sort()
      .reverse(),
  );
  const all = similarities.flatMap((each) => [...each]);
  const stable = all.filter((similarity) => similarity >= stableFrom).length / all.length;
  return { setting, seeds, mcc: summarizePairs(values), cka, stable, similarities };
}

function whatIsLearned(measured: ModelWithData): Learned {
  const { model, data, seed } = measured;
  const part = data.test.indices.length > 0 ? 'test' : 'train';
  const code = codeReference(model.experiment);
  const count = Math.min(mostExamples, data[part].indices.length);
  const chunks = function* (): Generator<Matrix> {
    for (const batch of portionsOf(part, measured, { most: count })) {
      yield matrixOf(model.layerOfSeen(code, batch.clean, batch));
    }
  };
  const isLinear = isLinearDecoder(model.experiment.decoder.map(({ word }) => word));
  return {
    seed,
    directions: isLinear ? completed(directionsOf(model)) : null,
    gram: centredGram(stacked(chunks(), count), engineProducts),
  };
}
