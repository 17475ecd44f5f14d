import { type Bisection, bisect as findCommit, readCondition, type TriedCommit } from '../../api/compare.js';
import { printable } from '../../api/compiler.js';
import { projectOf } from '../../api/project.js';
import { defineCommand } from '../command.js';
import { consent } from '../consent.js';
import { probabilityText } from '../diff/numbers.js';
import { exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import {
  backendOption,
  databaseOption,
  experimentHelp,
  integerOption,
  jsonOption,
  mostSeeds,
  noStoreOption,
  threadsOption,
} from '../options.js';
import { downloadProgress } from '../reporters/progress.js';

/** Finds the commit that changed a result. */
export const command = defineCommand({
  about:
    'Find the commit that changed a result, by binary search between a commit that meets a condition and one that does not.',
  examples: ["aedsl bisect sparse 'test.loss < 0.05' HEAD~1..HEAD"],
  usage: (command) =>
    command
      .argument('<experiment>', experimentHelp)
      .argument('<condition>', "such as 'test.loss < 0.05'")
      .argument('<range>', 'GOOD..BAD')
      .addOption(integerOption('--seeds <n>', 'the mean over the seeds 1 to n', 1, mostSeeds).default(1))
      .option(
        '--install',
        "train with each commit's own aedsl: runs the npm scripts, build and aedsl of every commit that is tried. " +
          'Where the engine differs within the range, this is asked for on a terminal, and has to be given elsewhere',
      )
      .option('--no-install', 'train the old texts with this aedsl')
      .addOption(backendOption())
      .addOption(threadsOption())
      .addOption(databaseOption('where the runs go, and known results come from'))
      .addOption(noStoreOption('keep no runs'))
      .addOption(jsonOption('as one object')),
  async run({ console, commandLine, words }, [experiment, condition, range], options) {
    return interruptible(console, async (signal) => {
      const found = await findCommit({
        library: await words(),
        project: projectOf([experiment]),
        experiment,
        condition: readCondition(condition),
        range,
        seeds: Array.from({ length: options.seeds }, (_, i) => i + 1),
        install: options.install ?? null,
        agrees: (what) => consent(console, what, false, signal),
        backend: options.backend ?? 'auto',
        threads: options.threads ?? null,
        store: options.store ? options.db : null,
        listener: () => {},
        onDownload: downloadProgress(console),
        signal,
        commandLine,
        onProgress: (progress) => console.err(`  ${printable(progress)}\n`),
        onTried: (tried) => console.err(`  ${printable(triedLine(tried))}\n`),
      });
      if (found === null) return exitCodes.interrupted;
      console.out(options.json ? jsonLine({ event: 'bisected', ...found }) : text(found));
      return exitCodes.ok;
    });
  },
});

function triedLine({ commit, value, holds, from, reason }: TriedCommit): string {
  const sha = commit.sha.slice(0, 7);
  if (value === null || holds === null) return `${sha} cannot be tried: ${reason}`;
  // All digits: the change may be in the last one.
  return `${sha} ${value}: ${holds ? 'holds' : 'does not hold'} (${from})`;
}

/** Warns that the seeds may not distinguish the two sides of the limit. */
function noiseText(p: number | null, seeds: number): string {
  if (seeds < 2) return 'with one seed this cannot be distinguished from noise: --seeds 5';
  if (p === null) return `${seeds} equal differences are too few to be distinguished from noise: --seeds 5`;
  const test = `paired t test over ${seeds} seeds: ${probabilityText(p)}`;
  return p < 0.05 ? test : `within the noise (${test})`;
}

function text({
  condition,
  culprit,
  suspects,
  changes,
  tried,
  p,
  outcomeChanges,
  installed,
  isMerge,
}: Bisection): string {
  const at = tried.find(({ commit }) => commit.sha === culprit.sha);
  const since = at?.holds ? 'holds since' : 'no longer holds since';
  const lines = [
    `'${condition}' ${since} ${culprit.sha.slice(0, 7)} ${culprit.date.slice(0, 10)} ${culprit.subject}`,
    ...changes.map((change) => `  ${change}`),
    noiseText(p, at?.values.length ?? 0),
    ...(suspects.length > 0
      ? [`or since one of these, which cannot be tried: ${suspects.map(({ sha }) => sha.slice(0, 7)).join(', ')}`]
      : []),
    ...(outcomeChanges > 1
      ? [`the outcome changes ${outcomeChanges} times among the commits that are known; this is the last of them`]
      : []),
    ...(isMerge ? ['it is a merge: bisect the branch that it brought in to find the commit'] : []),
    ...(installed ? ['each commit was trained with its own installation'] : []),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
