import { once } from 'node:events';
import { Argument } from '@commander-js/extra-typings';
import { serveOnHost, trainOnCores } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { thisProgram } from '../slurm-options.js';

const howItIsUsed = `
\`aedsl sweep … --on ssh:HOST\` starts it on the host. \`accept\` asks the host's scheduler, \`begin\` takes jobs and submits
them, \`report\` sends what has come, \`queue\` holds or stops; each reads a request and answers with lines of JSON and files. \`train\` trains what was
submitted on the cores of the host. SIGTERM and SIGINT end it with a checkpoint of each trial.
`;

/** The part of a sweep by ssh that runs on the host. */
export const command = defineCommand({
  about: 'Train a sweep on this host for another machine, which starts it by ssh.',
  examples: ['aedsl host train results.db.slurm/s1'],
  usage: (command) =>
    command
      .addArgument(
        new Argument('<action>', 'what to do').choices(['accept', 'begin', 'report', 'queue', 'train'] as const),
      )
      .argument('<folder>', 'of the sweep on this host')
      .addHelpText('after', howItIsUsed),
  async run({ console }, [action, folder]) {
    if (action === 'train') {
      const end = new AbortController();
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => end.abort());
      await trainOnCores(folder, {
        program: thisProgram(),
        end: end.signal,
        say: (text) => console.err(`${text}\n`),
      });
      if (!end.signal.aborted) return exitCodes.ok;
      // The last line of the log, which says why trials are lost.
      console.err('it was asked to stop\n');
      return exitCodes.interrupted;
    }
    // The request is finished even if nobody listens any more.
    const gone = new AbortController();
    process.stdout.on('error', () => gone.abort());
    const write = async (bytes: Uint8Array) => {
      if (gone.signal.aborted || process.stdout.write(bytes)) return;
      await Promise.race([once(process.stdout, 'drain'), once(gone.signal, 'abort')]);
    };
    await serveOnHost(action, folder, { input: process.stdin, write }, thisProgram());
    process.stdin.destroy();
    return exitCodes.ok;
  },
});
