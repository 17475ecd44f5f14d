import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { diagnosticToJson } from '../compiler/diagnostics/json.js';
import { renderDiagnostics } from '../compiler/diagnostics/render.js';
import { type Console, Styled } from './console.js';
import { jsonLine } from './json.js';

/** On `err` for a person; with `--json` on `out`, one a line. */
export function printDiagnostics(console: Console, diagnostics: readonly Diagnostic[], json: boolean): void {
  if (json) for (const d of diagnostics) console.out(jsonLine({ event: 'diagnostic', ...diagnosticToJson(d) }));
  else if (diagnostics.length > 0) console.err(new Styled(renderDiagnostics(diagnostics, { colour: console.colour })));
}
