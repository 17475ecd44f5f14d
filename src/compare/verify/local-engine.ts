import { createHash } from 'node:crypto';
import type { CompiledExperiment } from '../../compiler/compile.js';
import { compileRecipe, parseRecipe, worldOf } from '../../project/recipe.js';
import type { BackendName } from '../../runtime/backend/backend.js';
import { chooseBackend } from '../../runtime/backend/choose.js';
import { trainTrial } from '../../runtime/training/train-trial.js';
import { dataOf, loadRecorded } from '../../trial/recorded-data.js';
import { VerifyError } from '../../trial/verify-error.js';
import { encodeWeights } from '../../trial/weights-file.js';
import type { Words } from '../../words/word.js';
import { builtinWords } from '../../words/words.js';
import { type Engine, inRange, type ReplayEnd, type ReplayListener, type ReplayRequest, samePlace } from './engine.js';

export interface LocalEngineOptions {
  readonly backend: BackendName;
  readonly threads: number | null;
  readonly library?: Words;
}

/** The engine of this process. */
export function localEngine(options: LocalEngineOptions): Engine {
  const { backend, threads } = options;
  const name = [backend, ...(threads === null ? [] : [threads === 1 ? '1 thread' : `${threads} threads`])].join(', ');
  return { name, replay: (request, listener, signal) => replay(options, request, listener, signal), dispose: () => {} };
}

async function replay(
  { backend, threads, library = builtinWords }: LocalEngineOptions,
  request: ReplayRequest,
  listener: ReplayListener,
  signal: AbortSignal | undefined,
): Promise<ReplayEnd> {
  const recipe = parseRecipe(request.recipe);
  const compiled = compiledAgain(request, library);
  const expected = dataOf({ name: 'the run', dataSha256: request.dataSha256 });
  const { data } = await loadRecorded(compiled, expected, request.recordedIn, signal ? { signal } : {});
  const { name } = await chooseBackend(backend, threads === null ? undefined : { threads });
  const ended = new AbortController();
  const trained = await trainTrial({
    experiment: compiled.ir,
    data,
    seed: request.seed,
    library,
    backend: name,
    emit: () => {},
    clock: () => performance.now(),
    signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    ...(recipe.maxSteps === null ? {} : { maxSteps: recipe.maxSteps }),
    ...(request.initial ? { initialWeights: request.initial } : {}),
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
    weightsFileSha256: createHash('sha256').update(encodeWeights(trained, request.irSha256)).digest('hex'),
  };
}

function compiledAgain({ recipe: text, irSha256 }: ReplayRequest, library: Words): CompiledExperiment {
  const recipe = parseRecipe(text);
  const { value: compiled, diagnostics } = compileRecipe(recipe, worldOf(recipe), { library });
  if (compiled === null) {
    const [first] = diagnostics;
    throw new VerifyError(
      `the stored experiment no longer compiles: ${first?.code} ${first?.message}`,
      'verify it with the version that trained it: --against <revision>',
    );
  }
  if (compiled.hash !== irSha256) {
    throw new VerifyError(
      `the words of the experiment mean something else in this version (${compiled.hash.slice(0, 12)}, not ${irSha256.slice(0, 12)})`,
      'verify it with the version that trained it',
    );
  }
  return compiled;
}
