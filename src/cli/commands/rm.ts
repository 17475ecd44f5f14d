import {
  forgetRemovedSweeps,
  openStore,
  type RemovalPlan,
  type RemovedResults,
  readStore,
  StoreError,
} from '../../api/results.js';
import { byteText } from '../../files/read-file.js';
import { defineCommand } from '../command.js';
import { consent } from '../consent.js';
import { sayWaiting } from '../console.js';
import { exitCodes, Failure } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import { databaseOption, jsonOption } from '../options.js';

/** Deletes runs and sweeps, and their files unless another process is using the database. */
export const command = defineCommand({
  about: 'Delete runs and sweeps with their files. Deleting a sweep deletes its runs. This cannot be undone.',
  examples: ['aedsl rm r1 --dry-run', 'aedsl rm r1 --yes'],
  usage: (command) =>
    command
      .argument('<run|sweep...>', 'ids as `aedsl ls` lists them: r12, s3')
      .option('--yes', 'without asking')
      .option('--dry-run', 'list what would be deleted, and delete nothing')
      .addOption(jsonOption('as one object'))
      .addOption(databaseOption('the results')),
  async run({ console, commandLine }, [ids], options) {
    const plan = await readStore(options.db, (store) => store.planRemoval(ids));
    const { runs, sweeps, kept, bytes } = plan;
    const say = (dryRun: boolean, freed: number, left: string | null) => {
      if (options.json) console.out(jsonLine({ event: 'removed', dryRun, runs, sweeps, kept, bytes: freed, left }));
    };
    if (options.dryRun) {
      if (options.json) say(true, bytes, null);
      else console.out(planText(plan));
      return exitCodes.ok;
    }
    const ask = async (signal: AbortSignal) => {
      if (await consent(console, planText(plan).trimEnd(), options.yes ?? false, signal, 'delete this?')) return true;
      return signal.aborted ? null : false;
    };
    const agreed = await interruptible(console, ask, 'nothing was deleted');
    if (agreed === null) return exitCodes.interrupted;
    if (!agreed) {
      throw new Failure(
        exitCodes.usage,
        'nothing was deleted, as it was not confirmed',
        '--yes deletes without asking; --dry-run lists what would be deleted',
      );
    }
    const command = commandLine.join(' ');
    const removed = await removeResults(options.db, plan, ids, { command, onWait: sayWaiting(console) });
    forgetRemovedSweeps(options.db, (sweep) => !sweeps.includes(sweep));
    const { freed, left } = await removeFiles(options.db, removed, command);
    say(false, freed, left);
    if (!options.json) console.out(`deleted: ${names(plan)} (${counted(plan)}; ${byteText(freed)} of files)\n`);
    if (left !== null)
      console.err(`files of weights and pictures are left: ${left}\n  \`aedsl gc\` deletes them later\n`);
    return exitCodes.ok;
  },
});

async function removeResults(
  path: string,
  plan: RemovalPlan,
  ids: readonly string[],
  options: { readonly command: string; readonly onWait: ReturnType<typeof sayWaiting> },
): Promise<RemovedResults> {
  const store = await openStore(path, { mode: 'write', existing: true, ...options });
  try {
    return store.removeResults(plan, ids);
  } finally {
    store.close();
  }
}

/** @returns `left`: why files remain; null if none do */
async function removeFiles(
  path: string,
  { checkpoints, objects }: RemovedResults,
  command: string,
): Promise<{ readonly freed: number; readonly left: string | null }> {
  const states = bytesOf(checkpoints);
  if (objects.length === 0) return { freed: states, left: null };
  try {
    const store = await openStore(path, {
      mode: 'write',
      existing: true,
      alone: true,
      patienceMilliseconds: 0,
      command,
    });
    try {
      return { freed: states + bytesOf(store.collectGarbage(objects).files), left: null };
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return { freed: states, left: error.message };
    throw error;
  }
}

/** Lists what is deleted and what is kept. */
function planText(plan: RemovalPlan): string {
  const { kept, bytes } = plan;
  const stays = kept.map(({ run, by }) => `  ${run} stays: ${by} reuses it\n`).join('');
  return `to delete: ${names(plan)} (${counted(plan)}; ${byteText(bytes)} of files)\n${stays}`;
}

function names({ runs, sweeps }: RemovalPlan): string {
  return [...sweeps, ...ranges(runs)].join(', ');
}

function counted({ runs, sweeps }: RemovalPlan): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return sweeps.length === 0
    ? count(runs.length, 'run')
    : `${count(sweeps.length, 'sweep')}, ${count(runs.length, 'run')}`;
}

/** `r1–r4, r7`: consecutive ids as ranges. */
function ranges(ids: readonly string[]): readonly string[] {
  const parts: { readonly first: string; last: string }[] = [];
  for (const id of ids) {
    const part = parts.at(-1);
    if (part !== undefined && Number(part.last.slice(1)) + 1 === Number(id.slice(1))) part.last = id;
    else parts.push({ first: id, last: id });
  }
  return parts.map(({ first, last }) => (first === last ? first : `${first}–${last}`));
}

function bytesOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
