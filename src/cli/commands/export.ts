import { basename, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { builtinWords, type Words } from '../../api/compiler.js';
import { exportPytorch, huggingFaceFiles, modelParts, onnxModel, saelensFiles, tfjsModel } from '../../api/models.js';
import {
  csvText,
  type ExportedRows,
  exportedRows,
  exportTable,
  jsonText,
  namesBundle,
  parquetBytes,
  type RunRecord,
  resolveSubject,
  runNamed,
  type Store,
  type TableSubject,
  trackerFiles,
  withNamedRun,
} from '../../api/results.js';
import { writeFiles } from '../../files/write-file.js';
import { defineCommand } from '../command.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { choiceOption, databaseOption, dataFolderOption, subjectHelp } from '../options.js';
import { withResultsOf } from '../results.js';
import { requireNoResults, writeFailure, writeOutput, writeOutputInFolder } from '../writing-files.js';

/** Exports weights or metrics in a format for other programs. */
export const command = defineCommand({
  about: 'Write the weights of a run, or metrics of a run or a sweep, for other programs.',
  examples: [
    'aedsl export last --as safetensors',
    'aedsl export s1 --as csv -o trials.csv',
    'aedsl export s1 --as tensorboard -o logs',
    'aedsl export last --as pytorch -o model',
    'aedsl export last --as onnx --part encoder -o encoder.onnx',
    'aedsl export last --as huggingface --license apache-2.0 -o model',
  ],
  usage: (command) =>
    command
      .argument('<run|sweep>', subjectHelp)
      .addOption(
        choiceOption(
          '--as <format>',
          'csv, json (an object a line), parquet, tensorboard, mlflow or wandb-offline; of a run also safetensors (PyTorch names and layouts), pytorch (a model and its training), onnx (a model, operator set 17), tfjs (a model for TF.js), huggingface (a folder for the Hub), saelens (a sparse autoencoder as SAELens saves one)',
          [
            'csv',
            'json',
            'parquet',
            'safetensors',
            'pytorch',
            'onnx',
            'tfjs',
            'huggingface',
            'saelens',
            'tensorboard',
            'mlflow',
            'wandb-offline',
          ],
        ).makeOptionMandatory(),
      )
      .addOption(choiceOption('--rows <rows>', 'of csv, json and parquet: trials, epochs or steps', exportedRows))
      .addOption(choiceOption('--part <part>', 'of onnx and tfjs: encoder, decoder or whole (the default)', modelParts))
      .option(
        '--with-transforms',
        'of onnx and tfjs: take raw values, and give them back, with the transforms of the data inside',
      )
      .option('--license <id>', 'of huggingface: what the model card names, such as apache-2.0 (default: unknown)')
      .addOption(dataFolderOption)
      .option('-o, --output <file>', 'the file to write; for pytorch, tfjs, huggingface, saelens and trackers a folder')
      .addOption(databaseOption('the results')),
  async run({ console, refuse, words }, [id], options) {
    const { as: format, rows } = options;
    if (format !== 'pytorch')
      refuse(['dataFolder'], 'is for --as pytorch, which computes what the model makes of the data');
    if (!isTable(format)) refuse(['rows'], 'is for csv, json and parquet');
    if (format !== 'onnx' && format !== 'tfjs') refuse(['part', 'withTransforms'], 'is for --as onnx and tfjs');
    if (format !== 'huggingface') refuse(['license'], 'is for --as huggingface');
    switch (format) {
      case 'pytorch':
        return pytorch(console, id, options, await words());
      case 'onnx': {
        const { part = 'whole', withTransforms = false, db } = options;
        const library = await words();
        const path = options.output ?? `${await nameOfRun(id, db, library)}.onnx`;
        writeOutput(path, await onnxModel({ library, run: id, store: db, part, withTransforms }));
        console.out(`${path}\n`);
        return exitCodes.ok;
      }
      case 'tfjs': {
        const { part = 'whole', withTransforms = false, db } = options;
        const library = await words();
        const folder = options.output ?? `${await nameOfRun(id, db, library)}-tfjs`;
        requireNoResults(folder);
        const files = await tfjsModel({ library, run: id, store: db, part, withTransforms });
        return folderWritten(console, folder, files);
      }
      case 'huggingface': {
        const { license = 'unknown', db } = options;
        const library = await words();
        const folder = options.output ?? `${await nameOfRun(id, db, library)}-huggingface`;
        requireNoResults(folder);
        return folderWritten(console, folder, await huggingFaceFiles({ library, run: id, store: db, license }));
      }
      case 'saelens': {
        const { db } = options;
        const library = await words();
        const folder = options.output ?? `${await nameOfRun(id, db, library)}-saelens`;
        requireNoResults(folder);
        return folderWritten(console, folder, await saelensFiles({ library, run: id, store: db }));
      }
      case 'tensorboard':
      case 'mlflow':
      case 'wandb-offline':
        return withResultsOf(id, options.db, builtinWords, async (store, named) => {
          const subject = resolveSubject(store, named);
          const { id: own } = subject.kind === 'run' ? subject.run : subject.sweep;
          const folder = options.output ?? `${fileNameOf(id, { id: own })}-${format}`;
          for (const { path, content } of await trackerFiles(store, subject, format, resolve(folder)))
            writeOutputInFolder(join(folder, path), content);
          console.out(`${folder}\n`);
          return exitCodes.ok;
        });
      case 'safetensors':
        return withResultsOf(id, options.db, builtinWords, async (store, named) => {
          const run = await runNamed(store, named);
          const path = options.output ?? `${fileNameOf(id, run)}.safetensors`;
          writeOutput(path, weights(store, run));
          console.out(`${path}\n`);
          return exitCodes.ok;
        });
      case 'csv':
      case 'json':
        return withResultsOf(id, options.db, builtinWords, async (store, named) => {
          const subject = resolveSubject(store, named);
          const table = exportTable(store, subject, rows ?? defaultRows(subject), builtinWords);
          await writeText(
            console,
            options.output === '-' ? null : (options.output ?? null),
            format === 'csv' ? csvText(table) : jsonText(table),
          );
          return exitCodes.ok;
        });
      case 'parquet':
        return withResultsOf(id, options.db, builtinWords, async (store, named) => {
          const subject = resolveSubject(store, named);
          const path =
            options.output ?? `${fileNameOf(id, subject.kind === 'run' ? subject.run : subject.sweep)}.parquet`;
          writeOutput(
            path,
            await parquetBytes(exportTable(store, subject, rows ?? defaultRows(subject), builtinWords)),
          );
          console.out(`${path}\n`);
          return exitCodes.ok;
        });
    }
  },
});

interface PytorchOptions {
  readonly output?: string | undefined;
  readonly dataFolder?: string | undefined;
  readonly db: string;
}

async function pytorch(console: Console, id: string, options: PytorchOptions, library: Words): Promise<ExitCode> {
  const folder =
    options.output ?? `${await withNamedRun(id, options.db, library, (run) => fileNameOf(id, run))}-pytorch`;
  const dataFolder = options.dataFolder ?? null;
  requireNoResults(folder);
  try {
    for (const path of await exportPytorch({ library, run: id, store: options.db, folder, dataFolder }))
      console.out(`${path}\n`);
    return exitCodes.ok;
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** Writes the files of a folder, all or none. */
function folderWritten(console: Console, folder: string, files: Parameters<typeof writeFiles>[1]): ExitCode {
  try {
    for (const path of writeFiles(folder, files)) console.out(`${path}\n`);
    return exitCodes.ok;
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

function isTable(format: string): boolean {
  return format === 'csv' || format === 'json' || format === 'parquet';
}

function nameOfRun(what: string, database: string, library: Words): Promise<string> {
  return withNamedRun(what, database, library, (run) => fileNameOf(what, run));
}

/** Base name of files for a run, a sweep, or a bundle. */
function fileNameOf(what: string, { id }: { readonly id: string }): string {
  return namesBundle(what) ? basename(what).replace(/\.(tgz|tar\.gz)$/i, '') : id;
}

function weights(store: Store, run: RunRecord): Uint8Array {
  const [final] = store.listFiles(run.id, 'weights').filter((file) => file.name === 'final');
  if (final) return store.readFile(final);
  throw new Failure(exitCodes.environment, `${run.id} has no weights: it has not ended, or was not complete`);
}

/** Epochs for a run, trials for a sweep. */
function defaultRows({ kind }: TableSubject): ExportedRows {
  return kind === 'run' ? 'epochs' : 'trials';
}

/** Writes to standard output if no file is named. */
async function writeText(console: Console, path: string | null, chunks: Iterable<string>): Promise<void> {
  if (path === null) {
    for (const chunk of chunks) {
      console.data(chunk);
      if (console.unread.aborted) return;
      // Yields, so that the process can notice a closed pipe.
      await setImmediate();
    }
    return;
  }
  writeOutput(path, chunks);
  console.out(`${path}\n`);
}
