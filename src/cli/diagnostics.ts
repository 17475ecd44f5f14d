import { type Diagnostic, diagnosticToJson, renderDiagnostics } from '../api/compiler.js';
import { ExperimentError } from '../api/training.js';
import { type Console, Styled } from './console.js';
import { type ExitCode, exitCodes } from './failure.js';
import { jsonLine } from './json.js';

/**
 * Prints diagnostics for people on `stream`; with `--json` on `out`, one a line.
 * @param stream `out` if they are what was asked for
 */
export function printDiagnostics(
  console: Console,
  diagnostics: readonly Diagnostic[],
  json: boolean,
  stream: 'out' | 'err' = 'err',
): void {
  if (json) for (const d of diagnostics) console.out(jsonLine({ event: 'diagnostic', ...diagnosticToJson(d) }));
  else if (diagnostics.length > 0) {
    console[stream](new Styled(renderDiagnostics(diagnostics, { colour: console.colour[stream] })));
  }
}

/** Runs an action, and prints the diagnostics if it ends with an experiment's errors. */
export async function diagnosed(console: Console, json: boolean, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    printDiagnostics(console, error.diagnostics, json);
    return exitCodes.experiment;
  }
}
