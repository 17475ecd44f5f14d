// The measurements: rounds in which every competitor takes its turn, so that a busy moment of the machine meets all.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { colourImages } from './data.mjs';
import { aedslRun, finished, firstStep, here, measured, peakMemory, project, whileBusy } from './processes.mjs';
import { python } from './setup.mjs';
import { least, mean, median } from './statistics.mjs';
import { definedWords, pytorchVariants, tfjsWorkloads, workloads } from './workloads.mjs';

/** Threads on both sides: one, and two where there are two cores. */
export const threadCounts = availableParallelism() > 1 ? [1, 2] : [1];

const threadEnvironment = (threads) => ({
  OMP_NUM_THREADS: String(threads),
  TF_NUM_INTRAOP_THREADS: String(threads),
  TF_NUM_INTEROP_THREADS: '1',
  TF_CPP_MIN_LOG_LEVEL: '2',
});

/** The workloads of colour images, which neither MNIST nor the drawn digits are. */
const colourful = new Set(workloads.flatMap(({ name, colours = false }) => (colours ? [name] : [])));

async function ourSteps(workload, backend, threads, { seconds }, ...more) {
  const args = [here('steps.mjs'), '--workload', workload, '--backend', backend, '--threads', String(threads)];
  if (colourful.has(workload)) args.push('--data', `npy(${JSON.stringify(await colourImages())}, test=1)`);
  return measured(process.execPath, [...args, '--seconds', String(seconds), ...more], threadEnvironment(threads));
}

async function pytorchSteps(workload, variant, threads, { seconds, images }) {
  const file = colourful.has(workload) ? await colourImages() : images.file;
  const args = [here('pytorch/steps.py'), workload, '--images', file, '--threads', String(threads)];
  return measured(python, [...args, '--variant', variant, '--seconds', String(seconds)], threadEnvironment(threads));
}

/** Adds a round's value to those of a competitor. */
function note(results, key, value) {
  results[key] = [...(results[key] ?? []), value];
}

/**
 * Milliseconds of a step: by workload and competitor, for each round the median and what one step in twenty is below.
 * @param missing peers that are not there, with the reason
 */
export async function steps(options, missing, log) {
  const results = {};
  const fastest = {};
  const versions = {};
  const failures = {};
  for (const { name } of workloads.filter(options.wanted)) {
    const competitors = stepCompetitors(name, options, missing);
    results[name] = {};
    fastest[name] = {};
    for (let round = 0; round < options.rounds; round++) {
      for (const competitor of round === 0 ? competitors : stillWanted(competitors, results[name])) {
        log(`${name}, round ${round + 1}: ${competitor.key}`);
        try {
          const { steps: times, version } = await competitor.measure();
          versions[competitor.peer] = version;
          note(results[name], competitor.key, median(times));
          note(fastest[name], competitor.key, least(times));
        } catch (error) {
          failures[`${name}, ${competitor.key}`] = error.message;
        }
      }
    }
  }
  return { results, fastest, versions, failures };
}

/** Milliseconds that one step in twenty is below, on one thread: with each built-in word, and with the same as a definition. */
export async function definitions(options, log) {
  const results = {};
  for (const [word, experiment] of Object.entries(definedWords)) {
    results[word] = {};
    for (let round = 0; round < options.rounds; round++) {
      for (const [key, name] of [
        ['word', experiment],
        ['definition', `own_${experiment}`],
      ]) {
        log(`${word}, round ${round + 1}: ${key}`);
        const { steps: times } = await ourSteps(name, 'simd', 1, options, '--file', 'definitions.ae');
        note(results[word], key, least(times));
      }
    }
  }
  return results;
}

function stepCompetitors(workload, options, missing) {
  const competitor = (peer, key, measure) => ({ peer, key, measure });
  const list = threadCounts.map((threads) =>
    competitor('simd', `simd ${threads}`, () => ourSteps(workload, 'simd', threads, options)),
  );
  if (missing.pytorch === null) {
    // An RBM is written by hand: there is no optimiser to choose.
    const variants =
      workload === 'RBM' ? ['default'] : pytorchVariants.filter((variant) => options.variants.includes(variant));
    for (const threads of threadCounts) {
      for (const variant of variants) {
        const key = `pytorch ${threads} ${variant}`;
        list.push(competitor('pytorch', key, () => pytorchSteps(workload, variant, threads, options)));
      }
    }
  }
  for (const [backend, able] of Object.entries(tfjsWorkloads)) {
    if ((missing[backend] ?? null) !== null || !able.includes(workload)) continue;
    for (const threads of backend === 'tensorflow' ? threadCounts : [1]) {
      list.push(competitor(backend, `${backend} ${threads}`, () => ourSteps(workload, backend, threads, options)));
    }
  }
  return list;
}

/** After the first round only the fastest variant of PyTorch goes on, for each number of threads. */
function stillWanted(competitors, results) {
  return competitors.filter(({ peer, key }) => {
    if (results[key] === undefined) return false;
    if (peer !== 'pytorch') return true;
    const [, threads] = key.split(' ');
    const rivals = Object.entries(results).filter(([other]) => other.startsWith(`pytorch ${threads} `));
    return rivals.every(([, times]) => results[key][0] <= times[0]);
  });
}

/** Seconds of whole runs, from the start of the process to its end: the command, and PyTorch as one writes it. */
export async function wholeRuns({ images, rounds, epochs, wanted }, missing, log) {
  const results = {};
  for (const { name, file, take } of workloads.filter((workload) => workload.file !== null && wanted(workload))) {
    results[name] = {};
    const ours = [`experiments/${file}`, '--no-store', '--data', images.data(take)];
    const limit = epochs === null ? [] : ['--epochs', String(epochs)];
    for (let round = 0; round < rounds; round++) {
      const time = async (key, run) => {
        log(`whole run of ${name}, round ${round + 1}: ${key}`);
        note(results[name], key, (await run()).milliseconds / 1000);
      };
      await time('aedsl run', () => aedslRun([...ours, ...limit]));
      if (missing.pytorch !== null) continue;
      for (const threads of threadCounts) {
        const args = [here('pytorch/as_written.py'), name, '--images', images.file, '--take', String(take)];
        const length = ['--epochs', String(epochs ?? epochsOf[name]), '--threads', String(threads)];
        await time(`pytorch ${threads}`, () =>
          finished(python, [...args, ...length], { env: threadEnvironment(threads) }),
        );
      }
    }
  }
  return results;
}

/** As the experiments say. */
const epochsOf = { SPARSE: 15, DENOISING: 10, VAE: 10, DEEP: 10, CONV: 18 };

/** GFLOPS of a multiplication, by engine and transposition: the median and the best repetition. */
export async function multiplications(missing, log) {
  const results = {};
  for (const engine of ['simd', ...(missing.onnxruntime === null ? ['onnxruntime'] : [])]) {
    log(`multiplication: ${engine}`);
    const { flop, times } = await measured(process.execPath, [here('matmul.mjs'), engine], threadEnvironment(1));
    results[engine] = Object.fromEntries(
      Object.entries(times).map(([name, values]) => [
        name,
        { median: flop / median(values) / 1e6, best: flop / Math.min(...values) / 1e6 },
      ]),
    );
  }
  return results;
}

/** Peak memory in MB of every reference experiment with all its data, some steps of each stage, and its results. */
export async function memory({ images }, log) {
  const files = readdirSync(`${project}experiments`).filter((file) => file.endsWith('.ae'));
  const results = {};
  for (const file of files) {
    log(`peak memory: ${file}`);
    const own = file === 'table.ae' || file === 'first.ae';
    const args = [`experiments/${file}`, '--max-steps', '30', ...(own ? [] : ['--data', images.data(60_000)])];
    results[file] = await peakMemory(args);
  }
  return results;
}

/** Milliseconds from the start of the command to its first training step. */
export async function startUp({ images, rounds }, log) {
  const results = {};
  for (const file of ['sparse.ae', 'deep.ae']) {
    log(`first step: ${file}`);
    results[file] = [];
    for (let round = 0; round < rounds + 2; round++) {
      results[file].push(await firstStep([`experiments/${file}`, '--data', images.data(50_000)]));
    }
  }
  return results;
}

/** Mean milliseconds of a step of DEEP with two threads, alone and beside a process that keeps a core busy. */
export async function besideAnother(options, log) {
  const threads = threadCounts.at(-1);
  const results = { alone: [], busy: [] };
  for (let round = 0; round < options.rounds; round++) {
    log(`DEEP beside a busy process, round ${round + 1}`);
    // The mean: a collapse shows in few, very long steps.
    const once = async () => mean((await ourSteps('DEEP', 'simd', threads, options)).steps);
    results.alone.push(await once());
    results.busy.push(await whileBusy(once));
  }
  return results;
}

/** The share of a step that making its batch takes, by workload. */
export async function inputPipeline(options, log) {
  const results = {};
  for (const { name } of workloads.filter(options.wanted)) {
    log(`input pipeline: ${name}`);
    const { steps: times, pipeline } = await ourSteps(name, 'simd', 1, options, '--pipeline');
    results[name] = { batch: median(pipeline), step: median(times) };
  }
  return results;
}

/** The share of training that the chain of hashes takes, by workload: a link is one in 128 steps. */
/** What the dashboard costs while eight trials train, by the size of the terminal. */
export async function dashboard(log) {
  const results = {};
  for (const size of ['120×40', '200×60']) {
    log(`dashboard: ${size}`);
    const loader = `${project}tests/runtime/store/typescript-loader.mjs`;
    const args = ['--expose-gc', '--import', loader, here('dashboard/frames.mjs'), ...size.split('×')];
    // Ink draws nothing in CI.
    results[size] = await measured(process.execPath, args, { CI: 'false', CONTINUOUS_INTEGRATION: 'false' });
  }
  return results;
}

export async function hashChain(options, log) {
  const results = {};
  for (const { name } of workloads.filter(options.wanted)) {
    log(`chain of hashes: ${name}`);
    const { steps: times, chain } = await ourSteps(name, 'simd', 1, options, '--chain');
    results[name] = { added: median(chain.step) + chain.link / 128, step: median(times) };
  }
  return results;
}
