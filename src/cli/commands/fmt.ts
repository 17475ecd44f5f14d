import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { readSourceFile } from '../../api/world.js';
import { format } from '../../compiler/syntax/format.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { writing } from '../writing-files.js';

export interface FmtOptions {
  readonly check?: boolean;
}

/** Formats files in place; `-` reads standard input and writes standard output. */
export function fmt(console: Console, files: readonly string[], options: FmtOptions): ExitCode {
  let exitCode: ExitCode = exitCodes.ok;
  for (const file of files) {
    const source = file === '-' ? standardInput() : readSourceFile(file);
    if ('problem' in source) throw new Failure(exitCodes.environment, `cannot read '${file}': ${source.problem}`);
    const formatted = format(source);
    printDiagnostics(console, formatted.diagnostics, false);
    if (formatted.value === null) exitCode = exitCodes.experiment;
    else if (file === '-' && !options.check) console.out(formatted.value);
    else if (formatted.value !== source.text) {
      if (options.check) {
        console.out(`${file} would be formatted\n`);
        if (exitCode === exitCodes.ok) exitCode = exitCodes.failed;
      } else {
        replaceFile(file, formatted.value);
        console.err(`${file} formatted\n`);
      }
    }
  }
  return exitCode;
}

function standardInput(): Source {
  return { path: 'standard input', text: readFileSync(0, 'utf8') };
}

/** Whole or not at all: a full disk leaves the old text. */
function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writing(file, () => {
    writeFileSync(temporary, text, { mode: statSync(file).mode });
    renameSync(temporary, file);
  });
}
