import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { ownValue } from '../api/compiler.js';

/** The page that `aedsl COMMAND --help` prints, beside the arguments and options. */
export interface HelpPage {
  /** What the command does, in one or two sentences. */
  readonly about: string;
  /** Command lines as a person types them. */
  readonly examples: readonly string[];
}

/** By the words of the command: `run`, `data ls`. */
export const helpPages: Readonly<Record<string, HelpPage>> = {
  check: {
    about:
      'Compile experiments and every trial of their sweeps without training anything. Reports all errors and warnings, and how much memory each training needs.',
    examples: ['aedsl check sparse.ae', 'aedsl check . --json', 'aedsl check sparse.ae rho=0.1'],
  },
  fmt: {
    about: 'Format experiments in place. Comments are kept, and the meaning never changes.',
    examples: ['aedsl fmt sparse.ae', 'aedsl fmt --check .'],
  },
  compile: {
    about: 'Print what the compiler makes of an experiment, as JSON.',
    examples: ['aedsl compile sparse.ae', 'aedsl compile sparse.ae rho=0.1 --emit canonical'],
  },
  run: {
    about:
      'Train one trial of an experiment and store it in the results database. Ctrl-C stops after the current step and keeps a checkpoint; `aedsl resume` continues from it.',
    examples: [
      'aedsl run sparse.ae',
      'aedsl run sparse.ae rho=0.1 --seed 2',
      'aedsl run sparse.ae --epochs 2 --no-store',
    ],
  },
  sweep: {
    about:
      'Train an experiment for every combination of values, several trials at a time. Trials that are already complete in the database are reused.',
    examples: [
      "aedsl sweep sparse.ae 'rho=[0.01,0.05]' --seeds 2",
      'aedsl sweep sparse.ae rho=log:0.001:0.1:5 --dry-run',
      'aedsl sweep sparse.ae rho=loguniform:1e-3:0.5 --trials 20 --explain',
    ],
  },
  resume: {
    about:
      'Continue a sweep or a run that was interrupted, from its last checkpoint. The result is the same to the bit as that of a training without interruption.',
    examples: ['aedsl resume', 'aedsl resume s1'],
  },
  evaluate: {
    about:
      'Repeat the evaluations and pictures of a trained run, or compute those that another file asks for. Nothing is trained.',
    examples: ['aedsl evaluate last', 'aedsl evaluate last sparse.ae'],
  },
  watch: {
    about: 'Show the dashboard of a sweep or a run, while it trains or afterwards.',
    examples: ['aedsl watch --once', 'aedsl watch s1 --once'],
  },
  ls: {
    about: 'List sweeps and runs, or the trials of one sweep.',
    examples: ['aedsl ls', 'aedsl ls s1 --sort rho', 'aedsl ls --runs --csv'],
  },
  show: {
    about: 'Show a run in detail, or the settings of a sweep, each averaged over its seeds.',
    examples: ['aedsl show last', 'aedsl show s1 --metric test.sse', 'aedsl show s1 --importance'],
  },
  compare: {
    about: 'Compare settings or runs with a baseline, paired by seed.',
    examples: ['aedsl compare s1 --baseline rho=0.01', 'aedsl compare r1 r2'],
  },
  figures: {
    about: 'Write the pictures of a run, or charts of a sweep or of several runs.',
    examples: ['aedsl figures last', 'aedsl figures s1 --format svg -o charts'],
  },
  report: {
    about: 'Write a self-contained HTML report of a sweep: tables, charts, pictures, and what it takes to repeat it.',
    examples: ['aedsl report', 'aedsl report s1 -o report.html'],
  },
  import: {
    about: 'Copy runs and sweeps of another database, or the run of a bundle, into this one.',
    examples: ['aedsl import cluster.db', 'aedsl import cluster.db s1'],
  },
  rm: {
    about: 'Delete runs and sweeps with their files. Deleting a sweep deletes its runs. This cannot be undone.',
    examples: ['aedsl rm r1 --dry-run', 'aedsl rm r1 --yes'],
  },
  gc: {
    about: 'Delete files that no run refers to, such as those of killed processes, and compact the database.',
    examples: ['aedsl gc --dry-run', 'aedsl gc'],
  },
  export: {
    about: 'Write the weights of a run, or metrics of a run or a sweep, for other programs.',
    examples: [
      'aedsl export last --as safetensors',
      'aedsl export s1 --as csv -o trials.csv',
      'aedsl export last --as pytorch -o model',
    ],
  },
  apply: {
    about: 'Apply a trained model to data: codes, reconstructions, errors, or the output of a layer.',
    examples: [
      'aedsl apply last -o codes.npy',
      'aedsl apply sparse --output error -o errors.csv',
      'aedsl apply last --data faces.npy -o codes.npy',
    ],
  },
  sample: {
    about: 'Decode codes that are drawn from the prior of a variational model.',
    examples: ['aedsl sample vae -o samples.png', 'aedsl sample vae -n 16 -o samples.npy'],
  },
  rerun: {
    about: 'Train a stored run again from the recorded text, params, seed and data, and compare the weights.',
    examples: ['aedsl rerun last', 'aedsl rerun r1 --no-store'],
  },
  explain: {
    about: 'Say why two runs are the same trial, or which parts of their identities differ.',
    examples: ['aedsl explain r1 r2'],
  },
  lock: {
    about:
      'Train experiments and write their results to lock files, which are committed beside them. With --check, train again and fail if a result moved.',
    examples: ['aedsl lock sparse.ae', 'aedsl lock --check --quick'],
  },
  diff: {
    about:
      'Show what changed between two commits, runs or sweeps: the experiments, their identities and their results. By default HEAD is compared with the working tree.',
    examples: ['aedsl diff', 'aedsl diff HEAD~1 HEAD', 'aedsl diff r1 r2', "aedsl diff --fail-on 'test.loss>+5%'"],
  },
  log: {
    about:
      'Show a metric over the commits that touched an experiment. The values are read from the committed lock files.',
    examples: ['aedsl log sparse', 'aedsl log sparse test.sse'],
  },
  bisect: {
    about:
      'Find the commit that changed a result, by binary search between a commit that meets a condition and one that does not.',
    examples: ["aedsl bisect sparse 'test.loss < 0.05' HEAD~1..HEAD"],
  },
  verify: {
    about:
      'Train again and compare with the record to the bit. Where results differ, name the step and the tensor that differed first.',
    examples: ['aedsl verify last', 'aedsl verify sparse.ae.lock', 'aedsl verify r1.tgz'],
  },
  bundle: {
    about: 'Pack a run with everything that is needed to verify it on another machine, except the data.',
    examples: ['aedsl bundle r1', 'aedsl bundle last -o run.tgz'],
  },
  data: { about: 'Manage the data sets of this machine.', examples: [] },
  'data ls': { about: 'List the data sets, and say which of them are on this machine.', examples: ['aedsl data ls'] },
  'data fetch': { about: 'Download a data set and verify its checksums.', examples: ['aedsl data fetch mnist'] },
  'data add': {
    about:
      'Verify the files of a data set that was downloaded by other means, and copy them to where aedsl looks for them.',
    examples: ['aedsl data add mnist ~/Downloads'],
  },
  doctor: {
    about: 'Check this machine: Node, memory, backends, the drive, git and the data sets.',
    examples: ['aedsl doctor'],
  },
};

/** Gives a command its page. @param words of its name, without `aedsl` */
export function addHelpPage(command: CommandUnknownOpts, words: readonly string[]): void {
  const page = ownValue(helpPages, words.join(' '));
  if (page === undefined) return;
  command.description(page.about);
  const lines = page.examples.map((example) => `  ${example}\n`);
  if (lines.length > 0) command.addHelpText('after', `\nExamples:\n${lines.join('')}`);
}
