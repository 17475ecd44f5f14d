import type { Listener } from '../../api/events.js';
import { readStore } from '../../api/results.js';
import { type ResumeRequest, type SyncedSweep, syncSweep, waitForSweep, waitsInVain } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { type Console, sayWaiting } from '../console.js';
import { exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { databaseOption, dataFolderOption, jsonOption } from '../options.js';
import { agreeToPlan, thisProgram } from '../slurm-options.js';
import { noteListener, syncedExit, tellSynced } from '../submitted-text.js';

const help = `
A search proposes points from results, and pruning decides by results which trials go on. So both are submitted in rounds: each sync
submits what follows from what it merged. --wait does so until all are trained. You lose nothing if you interrupt it, or leave
it out: the next sync continues from there.
`;

/** Merges what has come of a sweep on a cluster, and submits what follows from it. */
export const command = defineCommand({
  about:
    'Merge the trials of a submitted sweep that have ended into the results, submit what follows from them (the next points of a search, trials that pass a rung), and say how the others are. Doing so twice is doing so once.',
  examples: ['aedsl sync s1'],
  usage: (command) =>
    command
      .argument('[sweep]', 'a sweep (s3, or its name); the newest by default')
      .option('--wait', 'go on until no trial is left that trains or waits, merging each as it ends')
      .addOption(dataFolderOption)
      .addOption(jsonOption('as one object; with --wait one a line, whenever something has changed'))
      .addOption(databaseOption('the results'))
      .addHelpText('after', help),
  async run({ console, commandLine, words }, [named = 'last'], options) {
    const { db: store, dataFolder = null, json: isJson = false } = options;
    const { sweep, submits } = await readStore(store, (results) => {
      const found = results.sweep(named);
      return { sweep: found?.id ?? named, submits: found?.search != null || found?.pruning != null };
    });
    await agreeToPlan(console, store, sweep, { submits });
    const request: ResumeRequest = {
      library: await words(),
      store,
      sweep,
      dataFolder,
      commandLine,
      listener: eachOnce(noteListener(console)),
      onWait: sayWaiting(console),
    };
    const told = tellingNews(console, isJson);
    if (options.wait !== true) {
      const synced = await syncSweep(request, thisProgram());
      told(synced);
      return syncedExit(synced);
    }
    const notice = `ending; nothing is lost, and \`aedsl sync ${sweep} --wait\` goes on`;
    return interruptible(
      console,
      async (signal) => {
        const synced = await waitForSweep(request, thisProgram(), { told, signal });
        return waitsInVain(synced) ? exitCodes.environment : syncedExit(synced);
      },
      notice,
    );
  },
});

/** Passes on a note once, however many rounds it comes in. */
function eachOnce(listener: Listener): Listener {
  const known = new Set<string>();
  return (event) => {
    if (event.event === 'note' && known.has(event.text)) return;
    if (event.event === 'note') known.add(event.text);
    listener(event);
  };
}

/** Tells of a merge unless it says nothing new. */
function tellingNews(console: Console, json: boolean): (synced: SyncedSweep) => void {
  let before: string | null = null;
  return (synced) => {
    const { merged, running, waiting, heldBack, lost, unasked, refused, submitted } = synced;
    const live = running.length + waiting.length;
    const now = JSON.stringify([lost, live, heldBack, unasked?.message, refused?.message]);
    if (now === before && merged.length === 0 && submitted === null) return;
    before = now;
    tellSynced(console, synced, json);
  };
}
