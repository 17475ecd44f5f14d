import { type WorkEnd, work } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { dataFolderOption } from '../options.js';
import { downloadProgress } from '../reporters/progress.js';

const messagesHelp = `
Other programs start it: \`aedsl sweep … --on 'command:aedsl work {job}'\` writes a job for each trial and reads the
messages. A line {"type":"halt"} on standard input, SIGINT or SIGTERM ends the trial after its step, with a checkpoint.
docs/work.md says what is in a job and in the messages.
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
      .addHelpText('after', messagesHelp),
  async run({ console, words }, [job], { dataFolder }) {
    const library = await words();
    const unread = () => console.err('nobody reads the messages any more: the trial ends after its step\n');
    // Other commands continue without a reader and say so; this one halts.
    const alone = { ...console, unread: new AbortController().signal };
    return interruptible(alone, async (signal) => {
      const asked = haltRequests();
      console.unread.addEventListener('abort', unread);
      try {
        const status = await work(job, {
          library,
          dataFolder: dataFolder ?? null,
          signal: AbortSignal.any([signal, asked.signal, console.unread]),
          onDownload: downloadProgress(console),
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
