import {
  type Collected,
  filesOfJobs,
  filesOfRemovedSweeps,
  forgetRemovedSweeps,
  type Garbage,
  jobsBeside,
  openStore,
  readStore,
  removeJobs,
  type Store,
} from '../../api/results.js';
import { byteText } from '../../files/read-file.js';
import { defineCommand } from '../command.js';
import type { Console } from '../console.js';
import { sayWaiting } from '../console.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, jsonOption } from '../options.js';

/** Deletes files that no run needs. Requires that no other process writes the database. */
export const command = defineCommand({
  about:
    'Delete files that no run refers to, such as those of killed processes and the jobs they left, and compact the database.',
  examples: ['aedsl gc --dry-run', 'aedsl gc'],
  usage: (command) =>
    command
      .option('--dry-run', 'list what would be deleted, and delete nothing')
      .addOption(jsonOption('as one object'))
      .addOption(databaseOption('the results')),
  async run({ console, commandLine }, _, options) {
    if (options.dryRun) {
      const { garbage, writers, submitted } = await readStore(options.db, (store) => ({
        garbage: store.findGarbage(),
        writers: store.writers(),
        submitted: filesOfRemovedSweeps(options.db, hasSweep(store)),
      }));
      for (const { pid, command } of writers) {
        console.err(`process ${pid} (\`${command}\`) is writing: files may be its own, and gc waits for its end\n`);
      }
      const { files, texts, bytes } = counted(garbage, [...filesOfJobs(jobsBeside(options.db)), ...submitted]);
      if (options.json) console.out(jsonLine({ event: 'collected', dryRun: true, files, texts, bytes }));
      else console.out(`to delete: ${filesText(files, bytes)}\n`);
      return exitCodes.ok;
    }
    const { jobs, ...collected } = await collect(options.db, commandLine.join(' '), console);
    const { databaseBytes, notShrunk } = collected;
    const { files, texts, bytes } = counted(collected, jobs);
    if (options.json) {
      console.out(jsonLine({ event: 'collected', dryRun: false, files, texts, bytes, databaseBytes, notShrunk }));
    } else console.out(`deleted: ${filesText(files, bytes)}; the database is ${byteText(databaseBytes)} smaller\n`);
    if (notShrunk !== null) console.err(`the database keeps its size: ${notShrunk}\n`);
    return exitCodes.ok;
  },
});

async function collect(path: string, command: string, console: Console): Promise<Collected & { readonly jobs: Files }> {
  const onWait = sayWaiting(console);
  const store = await openStore(path, { mode: 'write', existing: true, alone: true, command, onWait });
  try {
    const has = hasSweep(store);
    const jobs = [...filesOfJobs(jobsBeside(path)), ...filesOfRemovedSweeps(path, has)];
    removeJobs(jobsBeside(path));
    forgetRemovedSweeps(path, has);
    return { ...store.collectGarbage(null), jobs };
  } finally {
    store.close();
  }
}

function hasSweep(store: Store): (sweep: string) => boolean {
  const ids = new Set(store.sweeps().map(({ id }) => id));
  return (sweep) => ids.has(sweep);
}

type Files = readonly { readonly bytes: number }[];

function counted({ files, texts }: Garbage, jobs: Files) {
  const all: Files = [...files, ...jobs];
  return { files: all.length, texts, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function filesText(files: number, bytes: number): string {
  return `${files} file${files === 1 ? '' : 's'}, ${byteText(bytes)}`;
}
