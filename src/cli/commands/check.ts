import { readAssignments, readData } from '../../api/params.js';
import { planSweep } from '../../api/sweep-plan.js';
import { fileWorld } from '../../api/world.js';
import { bindExperiment, type CompileOptions, compileTrial } from '../../compiler/compile.js';
import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { Findings } from '../../compiler/diagnostics/findings.js';
import { parameterCount } from '../../compiler/ir/experiment.js';
import { describeShape } from '../../compiler/ir/shape.js';
import { builtinLibrary } from '../../compiler/library/builtin.js';
import type { BoundExperiment } from '../../compiler/resolve/bound.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { readExperimentArgument } from '../experiment-argument.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { wholeNumber } from '../options.js';

export interface CheckOptions {
  readonly data?: string;
  readonly maxParameters?: string;
  readonly json?: boolean;
}

/** Compiles the experiment and every trial of its sweep, and trains nothing. */
export function check(console: Console, file: string, params: readonly string[], options: CheckOptions): ExitCode {
  const { source, name } = readExperimentArgument(file);
  const world = fileWorld();
  const given = readAssignments(params);
  const findings = new Findings();
  findings.addAll(given.diagnostics);
  const bound = bindExperiment(source, name, world);
  findings.addAll(bound.diagnostics);
  const most = wholeNumber('max-parameters', options.maxParameters, 1);
  const compileOptions: CompileOptions = {
    library: builtinLibrary,
    world,
    assignments: given.assignments,
    data: options.data === undefined ? null : readData(options.data),
    ...(most === null ? {} : { mostParameters: most }),
  };

  let summary: string | null = null;
  if (bound.value && !hasErrors(findings.all)) {
    const compiled = compileTrial(bound.value, compileOptions);
    findings.addAll(compiled.diagnostics);
    const trials = checkSweep(bound.value, params, { ...options, mostParameters: most }, findings);
    if (compiled.value) {
      const { ir, hash } = compiled.value;
      const parameters = parameterCount([...ir.encoder, ...ir.decoder]).toLocaleString('en');
      const grid = trials > 1 ? `, ${trials} trials in its sweep` : '';
      summary = `${ir.name}: input ${describeShape(ir.data.shape)}, ${parameters} parameters${grid}, ${hash.slice(0, 12)}\n`;
    }
  }
  printDiagnostics(console, findings.all, options.json === true);
  if (hasErrors(findings.all)) return exitCodes.experiment;
  if (summary !== null && !options.json) console.out(summary);
  return exitCodes.ok;
}

/** Every trial of the file's own sweep; what is wrong with several of them is said once. */
function checkSweep(
  bound: BoundExperiment,
  params: readonly string[],
  options: Pick<CheckOptions, 'data'> & { readonly mostParameters: number | null },
  findings: Findings,
): number {
  if (bound.sweep === null) return 1;
  const plan = planSweep({
    source: bound.source,
    experiment: bound.name.name,
    axes: params,
    data: options.data ?? null,
    mostParameters: options.mostParameters,
    mostTrials: null,
  });
  findings.addAll(plan.diagnostics);
  return plan.value?.trials.length ?? 0;
}
