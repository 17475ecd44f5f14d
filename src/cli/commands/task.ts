import { runTask } from '../../api/training.js';
import { defineCommand } from '../command.js';
import { exitCodes, Failure } from '../failure.js';
import { integerOption } from '../options.js';
import { thisProgram } from '../slurm-options.js';

const howItEnds = `
The scripts that \`aedsl sweep … --on slurm\` submits start it. SIGUSR2, which Slurm sends shortly before the time limit,
takes a checkpoint and puts the task back in the queue; SIGTERM and SIGINT take a checkpoint and end it.
`;

/** Trains the trials of a task of a cluster. */
export const command = defineCommand({
  about: 'Train the trials of one task of a submitted sweep, one after another, in the folder of the sweep.',
  examples: ['aedsl task results.db.slurm/s1 --submission 1 --index 0'],
  usage: (command) =>
    command
      .argument('<folder>', 'of the sweep, beside its database')
      .addOption(integerOption('--submission <n>', 'number of the array', 1).makeOptionMandatory())
      .addOption(integerOption('--index <n>', 'of the task in its array; SLURM_ARRAY_TASK_ID by default', 0))
      .addHelpText('after', howItEnds),
  async run({ console }, [folder], { submission, index }) {
    const place = index ?? numberIn('SLURM_ARRAY_TASK_ID');
    if (place === null) {
      throw new Failure(exitCodes.usage, 'which task?', '--index says it where there is no SLURM_ARRAY_TASK_ID');
    }
    const job = numberIn('SLURM_ARRAY_JOB_ID');
    const [timeLimit, end] = [new AbortController(), new AbortController()];
    process.on('SIGUSR2', () => timeLimit.abort());
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => end.abort());
    const ended = await runTask(folder, {
      submission,
      index: place,
      task: job === null ? null : `${job}_${place}`,
      program: thisProgram(),
      timeLimit: timeLimit.signal,
      end: end.signal,
      say: (text) => console.err(`${text}\n`),
    });
    return ended === 'done' ? exitCodes.ok : exitCodes.interrupted;
  },
});

function numberIn(name: string): number | null {
  const text = process.env[name] ?? '';
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}
