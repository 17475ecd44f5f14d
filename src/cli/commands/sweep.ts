import { fileWorld } from '../../project/world.js';
import { explainSweep } from '../../results/sweep-explanation.js';
import { knownSpeeds } from '../../sweep/known-speeds.js';
import { planSweep, type SweepPlan } from '../../sweep/plan/sweep-plan.js';
import { runSweep, sweepName } from '../../sweep/sweep.js';
import type { AskedWorkers } from '../../sweep/sweep-workers.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { placedPaths } from '../experiment-argument.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { reportedSweep } from '../reported-sweep.js';
import { type SweepCommandOptions, sweepOptions } from '../sweep-arguments.js';
import { explanationTable } from '../sweep-explanation-table.js';
import { sweepPlanJson, sweepPlanTable } from '../sweep-plan-table.js';
import { reporterNamed, type SweepRunOptions, sweepRunSettings } from '../sweep-run-options.js';

export interface SweepOptions extends SweepCommandOptions, SweepRunOptions {
  readonly name?: string;
  readonly backend?: string;
  readonly store: boolean;
  readonly force?: boolean;
  readonly explain?: boolean;
  readonly dryRun?: boolean;
}

/** Trains the trials of a sweep. */
export async function sweep(
  console: Console,
  words: readonly string[],
  options: SweepOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  const settings = sweepRunSettings(options, commandLine);
  const reporterName = reporterNamed(options);
  const backend = backendOption(options.backend);
  const asked = sweepOptions(words, options);
  const { source, experiment = null, axes = [], data = null } = asked;
  const placed = placedPaths(console, { source, experiment, params: axes, data });
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
  if (options.explain === true) {
    const explained = await explainSweep({ plan, backend, store: options.db });
    console.out(explanationTable(plan, explained, options.json === true));
    return exitCodes.ok;
  }
  const store = options.store ? options.db : null;
  const force = options.force === true;
  return reportedSweep(console, { name: reporterName, store }, (connections) =>
    runSweep({ ...settings, ...connections, plan, backend, store, name, force }),
  );
}

async function dryRun(
  console: Console,
  plan: SweepPlan,
  options: SweepOptions,
  workers: AskedWorkers,
): Promise<ExitCode> {
  const speeds = await knownSpeeds(plan, options.db, workers);
  if (options.json === true) for (const line of sweepPlanJson(plan, speeds)) console.out(line);
  else console.out(sweepPlanTable(plan, speeds));
  return exitCodes.ok;
}
