import { Option } from '@commander-js/extra-typings';
import { fileWorld } from '../../api/project.js';
import { explainSweep } from '../../api/results.js';
import {
  type AskedWorkers,
  knownSpeeds,
  planSweep,
  runSweep,
  type SweepPlan,
  submitSweep,
  sweepName,
} from '../../api/training.js';
import { defineCommand, joined } from '../command.js';
import { type Console, sayWaiting } from '../console.js';
import { diagnosed, printDiagnostics } from '../diagnostics.js';
import { placedPaths } from '../experiment-argument.js';
import { type ExitCode, exitCodes, trainingExit } from '../failure.js';
import { backendOption, noStoreOption } from '../options.js';
import { reported } from '../reported.js';
import { runTakenIn } from '../results.js';
import {
  addSlurmOptions,
  askedHost,
  hostOptionNames,
  refuseOnPlaces,
  rememberHost,
  slurmOptionNames,
  slurmSettingsOf,
  thisProgram,
} from '../slurm-options.js';
import { noteListener, tellSubmitted } from '../submitted-text.js';
import { addSweepPlanOptions, sweepOptions } from '../sweep-arguments.js';
import { explanationTable, sweepPlanJson, sweepPlanTable } from '../sweep-plan-table.js';
import { addSweepRunOptions, reporterNamed, sweepRunSettings } from '../sweep-run-options.js';

const axesHelp = `
Axes (params of the experiment, seed, data; in place of those of the file's sweep block):
  rho=0.01,0.05              these values; rho=[0.01,0.05] too
  rho=0.1:0.5:0.1            from, to (without it), step
  rho=lin:0.1:0.5:5          equal steps, both ends; log:1e-4:1e-2:5 equal ratios
  rho=uniform:0:1            drawn, as many as --trials says; loguniform:, int:, choice:a:b
  @trials.csv                a trial for each row; the first row names the axes
`;

/** Trains the trials of a sweep. */
export const command = defineCommand({
  about:
    'Train an experiment for every combination of values, several trials at a time. Trials that are already complete in the database are reused.',
  examples: [
    "aedsl sweep sparse.ae 'rho=[0.01,0.05]' --seeds 2",
    'aedsl sweep sparse.ae rho=log:0.001:0.1:5 --dry-run',
    'aedsl sweep sparse.ae rho=loguniform:1e-3:0.5 --trials 20 --explain',
  ],
  usage: (command) =>
    joined(
      command.argument('[words...]', 'an .ae file or the name of an experiment, then axes such as rho=[0.01,0.05]'),
      joined(
        joined(addSweepPlanOptions(command), addSlurmOptions(command)),
        addSweepRunOptions(command)
          .option('--name <name>', "of the sweep; the experiment's by default")
          .addOption(backendOption())
          .option(
            '--init <file>',
            'start all trials from the weights of a safetensors file, a bundle (.tgz), or a folder of SAELens',
          )
          .addOption(
            new Option(
              '--from <what>',
              'continue the runs of a sweep, a run or its bundle, with fewer epochs of the last stage; a trial without one trains from the beginning',
            ).conflicts(['dryRun', 'explain']),
          )
          .addOption(noStoreOption('keep nothing'))
          .option('--force', 'retrain complete trials, and say whether the bits are the same')
          .option('--explain', 'say for each trial why it would train or not, and train nothing')
          .addOption(
            new Option(
              '--dry-run',
              'print the trials with their updates and the time they take, and train nothing',
            ).conflicts('explain'),
          )
          .addHelpText('after', axesHelp),
      ),
    ),
  async run({ console, commandLine, refuse, words: known }, [words], options) {
    if (!options.store) {
      refuse(
        ['checkpointEvery', 'keepCheckpoints', 'force'],
        'has no effect where nothing is kept',
        'leave out --no-store',
      );
    }
    const { on } = options;
    const isSubmitted = on?.place === 'slurm' || on?.place === 'ssh';
    if (isSubmitted) {
      refuseOnPlaces(refuse);
      refuse(['store'], 'cannot be given: trials end long after this command', 'leave it out');
    } else refuse(slurmOptionNames, 'is for --on slurm and ssh');
    if (on?.place !== 'ssh') refuse(hostOptionNames, 'is for --on ssh');
    const slurm = isSubmitted ? await slurmSettingsOf(console, options) : null;
    const host = on?.place === 'ssh' ? askedHost(on.host, options) : null;
    const settings = await sweepRunSettings(options, options.store ? options.db : null, commandLine);
    const reporterName = reporterNamed(options);
    const backend = options.backend ?? 'auto';
    const init = options.init ?? null;
    const library = await known();
    const asked = sweepOptions(words, options, library);
    const { source, experiment = null, axes = [], data = null } = asked;
    const placed = placedPaths(console, { library, source, experiment, params: axes, data });
    const { value: plan, diagnostics } = planSweep({
      ...asked,
      axes: placed.params,
      data: placed.data,
      world: fileWorld(backend),
    });
    printDiagnostics(console, diagnostics, options.json === true);
    if (plan === null) return exitCodes.experiment;
    const name = sweepName(options.name ?? null, plan);
    if (options.dryRun === true) return dryRun(console, plan, options, settings);
    return diagnosed(console, options.json === true, async () => {
      if (options.explain === true) {
        const explained = await explainSweep({ plan, backend, init, store: options.db });
        console.out(explanationTable(plan, explained, options.json === true));
        return exitCodes.ok;
      }
      const store = options.store ? options.db : null;
      const force = options.force === true;
      if (slurm !== null) {
        const connections = { listener: noteListener(console), onWait: sayWaiting(console) };
        const from = options.from ?? null;
        const submitted = await submitSweep(
          {
            ...settings,
            ...connections,
            plan,
            backend,
            init,
            from,
            store: options.db,
            storedRuns: options.db,
            name,
            force,
          },
          { settings: slurm, program: thisProgram(), host, foundHost: rememberHost },
        );
        tellSubmitted(console, submitted, options.json === true);
        return exitCodes.ok;
      }
      const done = await reported(console, { name: reporterName, store }, async (connections, meanwhile) => {
        const what = options.from;
        const from = what === undefined ? null : await runTakenIn(meanwhile, what, options.db, commandLine, library);
        const storedRuns = options.db;
        return runSweep({ ...settings, ...connections, plan, backend, init, from, store, storedRuns, name, force });
      });
      return trainingExit(done);
    });
  },
});

async function dryRun(
  console: Console,
  plan: SweepPlan,
  options: { readonly db: string; readonly json?: boolean | undefined },
  workers: AskedWorkers,
): Promise<ExitCode> {
  const speeds = await knownSpeeds(plan, options.db, workers);
  if (options.json === true) for (const line of sweepPlanJson(plan, speeds)) console.out(line);
  else console.out(sweepPlanTable(plan, speeds));
  return exitCodes.ok;
}
