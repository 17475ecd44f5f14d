import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type Against,
  BundleError,
  type Engine,
  type EngineChoice,
  engineFor,
  layerOfStored,
  mostBundleBytes,
  openBundle,
  otherEngine,
  parseAgainst,
  type RecordedRun,
  recordedRun,
  type Verdict,
  VerifyInterrupted,
  type VerifyOptions,
  verifyAgainst,
  verifyRun,
} from '../../api/compare.js';
import { type RecordedIn, recordedIn, UsageError } from '../../api/project.js';
import { namesBundle, readStore, resolveSweep, runNamed, type Store } from '../../api/results.js';
import { numericsVersion } from '../../api/statistics.js';
import { groupedText } from '../../api/text.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { defineCommand } from '../command.js';
import { consent } from '../consent.js';
import type { Console } from '../console.js';
import { exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import { backendOption, databaseOption, dataFolderOption, jsonOption, threadsOption } from '../options.js';
import { verdictText } from '../verdict-text.js';
import { lock } from './lock.js';

/** Retrains a run, a sweep's runs, a bundle or a lock file, and compares bit by bit. */
export const command = defineCommand({
  about:
    'Train again and compare with the record to the bit. Where results differ, name the step and the tensor that differed first.',
  examples: ['aedsl verify last', 'aedsl verify sparse.ae.lock', 'aedsl verify r1.tgz'],
  usage: (command) =>
    command
      .argument(
        '<what>',
        'a run (r12, last), a sweep (s3), an experiment (its latest complete run), a .lock file or a bundle (.tgz)',
      )
      .addOption(threadsOption('threads of the backend'))
      .addOption(backendOption("; the run's by default"))
      .option('--node <path>', 'another Node to train with')
      .option(
        '--against <what>',
        'compare two engines, value by value: threads=2, backend=cpu, node=PATH, or a revision of aedsl; ' +
          'or with stored values: weights, checkpoint. A revision is built and run: its code runs',
      )
      .addOption(dataFolderOption)
      .option('-y, --yes', 'run the code of the revision that --against names, without asking')
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('one verdict a line')),
  async run(invocation, [what], options) {
    const { console, refuse } = invocation;
    if (what.endsWith('.lock')) {
      refuse(
        ['node', 'against'],
        'is for runs and bundles: a lock file is compared with this engine alone',
        'verify a run or a bundle with it',
      );
      refuse(
        ['dataFolder', 'yes'],
        'is for runs and bundles',
        'a lock file is checked with the data that its experiment names',
      );
      // A lock file has hashes and metrics but no run: verifying it means checking it.
      return lock(invocation, [what.slice(0, -'.lock'.length)], { ...options, check: true, store: false });
    }
    const against = parseAgainst(options.against ?? null);
    const choice: EngineChoice = {
      library: await invocation.words(),
      backend: options.backend ?? null,
      threads: options.threads ?? null,
      node: options.node ?? null,
    };
    const dataFolder = options.dataFolder ?? null;
    const runs = isBundle(what)
      ? [async () => bundledRun(what, dataFolder)]
      : await storedRuns(console, what, recordedIn(options.db, dataFolder), options.db);
    return interruptible(console, async (signal) => {
      let engines: Engines | null = null;
      try {
        let identical = true;
        for (const read of runs) {
          const run = await read();
          // A sweep's runs share one backend, and an engine may require a build.
          engines ??= await enginesFor(console, run, against, choice, { agreed: options.yes ?? false, signal });
          const verdict = await verdictOn(run, against, engines, { console, signal });
          const layer = verdict.tensor === null ? null : layerOfStored(verdict.tensor.name, run.recipe, choice.library);
          console.out(options.json ? jsonLine({ event: 'verdict', ...verdict, layer }) : verdictText(verdict, layer));
          identical &&= verdict.identical;
        }
        return identical ? exitCodes.ok : exitCodes.failed;
      } catch (error) {
        if (error instanceof VerifyInterrupted) return exitCodes.interrupted;
        throw error;
      } finally {
        await engines?.engine.dispose();
        await engines?.other?.dispose();
      }
    });
  },
});

function isBundle(what: string): boolean {
  if (namesBundle(what)) return true;
  const status = statSync(what, { throwIfNoEntry: false });
  if (status === undefined) return false;
  // A folder may share the name of an experiment; a path cannot.
  if (status.isDirectory()) return /[\\/]/.test(what);
  return !/^[rs]\d+$/.test(what) && !/\.ae(:|$)/.test(what);
}

/** @throws BundleError, UsageError if there is no such file */
function bundledRun(path: string, dataFolder: string | null): RecordedRun {
  if (!existsSync(path)) throw new UsageError(`there is no file '${path}'`, 'aedsl bundle RUN -o run.tgz makes one');
  return openBundle(bytesOf(path), basename(path), recordedIn(path, dataFolder)).run;
}

function bytesOf(path: string): Uint8Array {
  try {
    return readRegularFile(path, mostBundleBytes);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new BundleError(error.message, { hint: 'name a run, a sweep, a lock file or a bundle', cause: error });
  }
}

/** The named run, or the runs of a sweep, each read in turn. */
async function storedRuns(
  console: Console,
  what: string,
  where: RecordedIn,
  database: string,
): Promise<readonly (() => Promise<RecordedRun>)[]> {
  const ids = await readStore(database, (store) => runsOf(console, store, what));
  return ids.map((id) => () => readStore(database, (store) => recordedRun(store, id, where)));
}

async function runsOf(console: Console, store: Store, what: string): Promise<readonly string[]> {
  if (!/^s\d+$/.test(what)) return [(await runNamed(store, what)).id];
  const sweep = resolveSweep(store, what);
  const trained = store.sweepTrials(sweep.id).flatMap(({ runId }) => (runId === null ? [] : [runId]));
  const runs = [...new Set(trained)].map((id) => ({ id, verifiable: store.listFiles(id, 'chain').length > 0 }));
  for (const { id } of runs.filter(({ verifiable }) => !verifiable)) {
    console.err(`${id} is skipped: it is ${store.findRun(id).status} and has no chain of hashes\n`);
  }
  const ids = runs.filter(({ verifiable }) => verifiable).map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new UsageError(`the sweep ${sweep.id} has no run to verify yet`, 'aedsl watch shows how far it is');
}

interface Engines {
  readonly engine: Engine;
  /** The engine to compare with; null for the recorded results. */
  readonly other: Engine | null;
}

async function enginesFor(
  console: Console,
  run: RecordedRun,
  against: Against,
  choice: EngineChoice,
  { agreed, signal }: { readonly agreed: boolean; readonly signal: AbortSignal },
): Promise<Engines> {
  const engine = engineFor(run, choice);
  if (against.kind === 'recorded') return { engine, other: null };
  const onProgress = (text: string) => console.err(`${text}\n`);
  const agrees = (asked: string) => consent(console, asked, agreed, signal);
  const other = await otherEngine(run, against, choice, { agrees, onProgress, signal });
  return { engine: against.kind === 'revision' ? { ...engine, name: `this aedsl (${engine.name})` } : engine, other };
}

async function verdictOn(
  run: RecordedRun,
  against: Against,
  { engine, other }: Engines,
  { console, signal }: { readonly console: Console; readonly signal: AbortSignal },
): Promise<Verdict> {
  if (run.numerics !== numericsVersion) {
    console.err(
      `${run.name} was computed with numerics ${run.numerics}, and this is ${numericsVersion}: differences are expected\n`,
    );
  }
  const options: VerifyOptions = { signal, onSteps: stepCounter(console, run.name) };
  try {
    if (other !== null) return await verifyAgainst(run, engine, other, options);
    return await verifyRun(run, engine, { ...options, values: against.kind === 'recorded' ? against.values : 'none' });
  } finally {
    console.redraw('');
  }
}

/** Shows progress on a terminal. */
function stepCounter(console: Console, name: string): (done: number, of: number) => void {
  return (done, of) => {
    console.redraw(`${name}: ${groupedText(done)} of ${groupedText(of)} steps`);
  };
}
