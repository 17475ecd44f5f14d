import type { CommandDefinition } from './command.js';

/** A command's entry in `aedsl --help`; its file is loaded only when called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: CommandDefinition }>;
}

/** Commands that share a first word: `aedsl data ls`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly about: string;
  readonly commands: readonly CommandEntry[];
}

/** Every command, in help order. */
export const commands: readonly (CommandEntry | CommandGroup)[] = [
  {
    name: 'new',
    summary: 'begin a project in a folder, with a first experiment',
    load: () => import('./commands/new.js'),
  },
  {
    name: 'examples',
    summary: 'list or copy the experiments that come with aedsl',
    load: () => import('./commands/examples.js'),
  },
  {
    name: 'check',
    summary: 'check experiments, and every trial of their sweeps, without training',
    load: () => import('./commands/check.js'),
  },
  {
    name: 'describe',
    summary: 'show the network of an experiment, layer by layer',
    load: () => import('./commands/describe.js'),
  },
  {
    name: 'words',
    summary: 'list the words of the language, or explain one',
    load: () => import('./commands/words.js'),
  },
  {
    name: 'fmt',
    summary: 'format experiments',
    load: () => import('./commands/fmt.js'),
  },
  {
    name: 'compile',
    summary: 'print what the compiler makes of an experiment',
    load: () => import('./commands/compile.js'),
  },
  {
    name: 'lsp',
    summary: 'serve an editor: diagnostics while you type, completion, shapes',
    load: () => import('./commands/lsp.js'),
  },
  {
    name: 'run',
    summary: 'train an experiment',
    load: () => import('./commands/run.js'),
  },
  {
    name: 'sweep',
    summary: 'train an experiment for every combination of values: aedsl sweep rho=0.01,0.05 --seeds 5',
    load: () => import('./commands/sweep.js'),
  },
  {
    name: 'resume',
    summary: 'continue a sweep or a run that was interrupted',
    load: () => import('./commands/resume.js'),
  },
  {
    name: 'work',
    summary: 'train one trial from a job file, for sweeps that train elsewhere',
    load: () => import('./commands/work.js'),
  },
  {
    name: 'task',
    summary: 'train the trials of a task of a cluster, for sweeps on Slurm',
    load: () => import('./commands/task.js'),
  },
  {
    name: 'host',
    summary: 'train a sweep on this host for another machine, which starts it by ssh',
    load: () => import('./commands/host.js'),
  },
  {
    name: 'sync',
    summary: 'merge what has come of a sweep that trains on Slurm or on another host',
    load: () => import('./commands/sync.js'),
  },
  {
    name: 'queue',
    summary: 'hold, release, stop or prefer trials of a submitted sweep',
    load: () => import('./commands/queue.js'),
  },
  {
    name: 'evaluate',
    summary: 'repeat the evaluations and pictures of a run, or compute those of another file',
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'watch',
    summary: 'watch a sweep or a run in the terminal, while it trains or afterwards',
    load: () => import('./commands/watch.js'),
  },
  {
    name: 'ls',
    summary: 'list sweeps and runs, or the trials of a sweep',
    load: () => import('./commands/ls.js'),
  },
  {
    name: 'show',
    summary: 'show a run, or the settings of a sweep averaged over their seeds',
    load: () => import('./commands/show.js'),
  },
  {
    name: 'compare',
    summary: 'compare settings or runs, seed by seed',
    load: () => import('./commands/compare.js'),
  },
  {
    name: 'figures',
    summary: 'write the pictures of a run, or charts of a sweep or of several runs',
    load: () => import('./commands/figures.js'),
  },
  {
    name: 'report',
    summary: 'write an HTML report of a sweep or a run: tables, charts, pictures, identity',
    load: () => import('./commands/report.js'),
  },
  {
    name: 'import',
    summary: 'copy runs and sweeps from another database, or the run of a bundle',
    load: () => import('./commands/import.js'),
  },
  {
    name: 'rm',
    summary: 'delete runs and sweeps with their files; what a sweep trained goes with it',
    load: () => import('./commands/rm.js'),
  },
  {
    name: 'gc',
    summary: 'delete files that no run needs, and compact the database',
    load: () => import('./commands/gc.js'),
  },
  {
    name: 'export',
    summary: 'write weights, or metrics, for other programs',
    load: () => import('./commands/export.js'),
  },
  {
    name: 'apply',
    summary: 'apply a trained model to data',
    load: () => import('./commands/apply.js'),
  },
  {
    name: 'sample',
    summary: 'decode codes drawn from the prior of a variational model',
    load: () => import('./commands/sample.js'),
  },
  {
    name: 'rerun',
    summary: 'train a stored run again and compare the weights',
    load: () => import('./commands/rerun.js'),
  },
  {
    name: 'explain',
    summary: 'say why two runs are the same trial, or are not',
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'lock',
    summary: 'lock the results of experiments, or check them',
    load: () => import('./commands/lock.js'),
  },
  {
    name: 'diff',
    summary: 'show what changed between two commits, runs or sweeps',
    load: () => import('./commands/diff.js'),
  },
  {
    name: 'log',
    summary: 'show a metric over the commits that touched an experiment',
    load: () => import('./commands/log.js'),
  },
  {
    name: 'bisect',
    summary: 'find the commit that changed a result',
    load: () => import('./commands/bisect.js'),
  },
  {
    name: 'verify',
    summary: 'train a run, a sweep, a lock file or a bundle again and compare to the bit',
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'bundle',
    summary: 'pack a run with everything needed to verify it elsewhere',
    load: () => import('./commands/bundle.js'),
  },
  {
    name: 'data',
    summary: 'manage the data sets of this machine',
    about: 'Manage the data sets of this machine.',
    commands: [
      {
        name: 'ls',
        summary: 'list the data sets',
        load: async () => ({ command: (await import('./commands/data.js')).list }),
      },
      {
        name: 'fetch',
        summary: 'download a data set and check it',
        load: async () => ({ command: (await import('./commands/data.js')).download }),
      },
      {
        name: 'add',
        summary: 'add a data set that was downloaded by other means',
        load: async () => ({ command: (await import('./commands/data.js')).add }),
      },
    ],
  },
  {
    name: 'doctor',
    summary: 'check what this machine has for aedsl',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'completion',
    summary: 'print what makes bash, zsh or fish complete commands',
    load: () => import('./commands/completion.js'),
  },
  {
    name: 'help',
    summary: 'explain a command, or a word of the language',
    load: () => import('./commands/help.js'),
  },
];
