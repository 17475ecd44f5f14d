import { createHash } from 'node:crypto';
import { parseRecipe } from '../../project/recipe.js';
import type { BackendName } from '../../runtime/backend/backend.js';
import { trainTrial } from '../../runtime/training/train-trial.js';
import { prepare } from '../../trial/prepare.js';
import { encodeWeights } from '../../trial/weights-file.js';
import type { Words } from '../../words/word.js';
import { type Engine, inRange, type ReplayEnd, type ReplayListener, type ReplayRequest, samePlace } from './engine.js';

export interface LocalEngineOptions {
  readonly backend: BackendName;
  readonly threads: number | null;
  readonly library: Words;
}

/** The engine of this process. */
export function localEngine(options: LocalEngineOptions): Engine {
  const { backend, threads } = options;
  const name = [backend, ...(threads === null ? [] : [threads === 1 ? '1 thread' : `${threads} threads`])].join(', ');
  return { name, replay: (request, listener, signal) => replay(options, request, listener, signal), dispose: () => {} };
}

async function replay(
  { backend, threads, ...words }: LocalEngineOptions,
  request: ReplayRequest,
  listener: ReplayListener,
  signal: AbortSignal | undefined,
): Promise<ReplayEnd> {
  const { irSha256, dataSha256, seed } = request;
  const trial = await prepare(
    {
      ...words,
      recipe: parseRecipe(request.recipe),
      seed,
      backend,
      threads,
      data: { where: request.recordedIn, ...(signal ? { signal } : {}) },
    },
    { name: 'the run', irSha256, dataSha256 },
  ).ready();
  const { compiled, data, recipe } = trial;
  const ended = new AbortController();
  const trained = await trainTrial({
    experiment: compiled.ir,
    data,
    seed,
    library: trial.library,
    backend: trial.backend,
    emit: () => {},
    clock: () => performance.now(),
    signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    ...(recipe.maxSteps === null ? {} : { maxSteps: recipe.maxSteps }),
    ...(request.init ? { init: request.init } : {}),
    chain: {
      alsoWitness: (stage, step) => inRange(request.witness, stage, step),
      onLink: (link) => {
        if (!listener.onLink(link)) ended.abort();
      },
      onWitness: (witness) => listener.onWitness(witness),
      onTensor: (place, values) => {
        if (request.capture.some((wanted) => samePlace(wanted, place))) listener.onTensor(place, values.slice());
      },
    },
  });
  return {
    status: trained.status,
    weightsSha256: trained.weightsSha256,
    weights: request.weights ? new Map(trained.weights.map(({ key, values }) => [key, values])) : null,
    weightsFileSha256: createHash('sha256').update(encodeWeights(trained, irSha256)).digest('hex'),
  };
}
