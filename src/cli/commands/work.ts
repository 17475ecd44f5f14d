import { type WorkEnd, work, workToSpool } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { dataFolderOption, integerOption } from '../options.js';
import { downloadProgress } from '../reporters/progress.js';

const messagesHelp = `
Other programs start it: \`aedsl sweep … --on 'command:aedsl work {job}'\` writes a job for each trial and reads the
messages. A line {"type":"halt"} on standard input, SIGINT or SIGTERM ends the trial after its step, with a checkpoint.
docs/work.md says what is in a job and in the messages. With --spool, messages go to a file below the job's folder, and the
job continues from where an earlier attempt left it.
`;

/** Trains one job. */
export const command = defineCommand({
  about:
    'Train one trial from a job file, and report it as lines of JSON on standard output. Its checkpoints and weights go into the folder of the job.',
  examples: ['aedsl work job.json'],
  usage: (command) =>
    command
      .argument('<job>', 'a file that a sweep wrote, in a folder of its own')
      .addOption(dataFolderOption)
      .option('--spool', "append the messages to a file in the job's folder, and continue from earlier attempts")
      .addOption(integerOption('--submission <n>', 'number of the submission that asks for it, with --spool', 1))
      .addHelpText('after', messagesHelp),
  async run({ console, words, refuse }, [job], { dataFolder, spool, submission }) {
    if (spool !== true) refuse(['submission'], 'is for --spool');
    const library = await words();
    const unread = () => console.err('nobody reads the messages any more: the trial ends after its step\n');
    // Other commands continue without a reader and say so; this one halts.
    const alone = { ...console, unread: new AbortController().signal };
    return interruptible(alone, async (signal) => {
      const asked = haltRequests();
      console.unread.addEventListener('abort', unread);
      try {
        const options = { library, dataFolder: dataFolder ?? null, onDownload: downloadProgress(console) };
        const status =
          spool === true
            ? await workToSpool(job, { ...options, signal, submission: submission ?? null, task: slurmTask() })
            : await work(job, {
                ...options,
                signal: AbortSignal.any([signal, asked.signal, console.unread]),
                say: (line) => console.data(`${line}\n`),
              });
        return exitOf(status, signal.aborted);
      } finally {
        asked.close();
        console.unread.removeEventListener('abort', unread);
      }
    });
  },
});

/** Slurm's name of the task that this runs in, such as `1234_5`. */
function slurmTask(): string | null {
  const { SLURM_ARRAY_JOB_ID: job = '', SLURM_ARRAY_TASK_ID: index = '' } = process.env;
  return /^\d{1,12}$/.test(job) && /^\d{1,9}$/.test(index) ? `${job}_${index}` : null;
}

function exitOf(status: WorkEnd, signalled: boolean): ExitCode {
  switch (status) {
    case 'complete':
      return exitCodes.ok;
    case 'interrupted':
      return signalled ? exitCodes.interrupted : exitCodes.ok;
    case 'diverged':
    case 'failed':
      return exitCodes.failed;
  }
}

/** Characters of a request that are kept. */
const mostRequest = 1000;

/** Listens to standard input, whose end asks for nothing: it may be empty from the start. */
function haltRequests(): { readonly signal: AbortSignal; readonly close: () => void } {
  const halted = new AbortController();
  let heard = '';
  const onData = (bytes: Buffer) => {
    heard = `${heard}${bytes.toString('utf8')}`.slice(-mostRequest);
    if (/^\s*\{\s*"type"\s*:\s*"halt"\s*\}\s*$/m.test(heard)) halted.abort();
  };
  process.stdin.on('data', onData);
  process.stdin.on('error', () => {});
  return {
    signal: halted.signal,
    close() {
      process.stdin.off('data', onData);
      process.stdin.pause();
    },
  };
}
