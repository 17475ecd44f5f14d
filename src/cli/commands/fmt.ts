import { readFileSync } from 'node:fs';
import { readSourceFile } from '../../api/world.js';
import { decodeSource, type NoText } from '../../compiler/syntax/decode.js';
import { format } from '../../compiler/syntax/format.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { writeOutput } from '../writing-files.js';

export interface FmtOptions {
  readonly check?: boolean;
}

/** Formats files in place; `-` reads standard input and writes standard output. */
export function fmt(console: Console, files: readonly string[], options: FmtOptions): ExitCode {
  let exitCode: ExitCode = exitCodes.ok;
  for (const file of files) {
    const source = file === '-' ? standardInput() : readSourceFile(file);
    if ('problem' in source) {
      const name = file === '-' ? 'standard input' : `'${file}'`;
      throw new Failure(exitCodes.environment, `cannot read ${name}: ${source.problem}`);
    }
    const formatted = format(source);
    printDiagnostics(console, formatted.diagnostics, false);
    if (formatted.value === null) exitCode = exitCodes.experiment;
    else if (file === '-' && !options.check) console.data(formatted.value);
    else if (formatted.value !== source.text) {
      if (options.check) {
        console.out(`${file} would be formatted\n`);
        if (exitCode === exitCodes.ok) exitCode = exitCodes.failed;
      } else {
        writeOutput(file, formatted.value);
        console.out(`${file} formatted\n`);
      }
    }
  }
  return exitCode;
}

function standardInput(): Source | NoText {
  const text = decodeSource(readFileSync(0));
  return typeof text === 'string' ? { path: 'standard input', text } : text;
}
