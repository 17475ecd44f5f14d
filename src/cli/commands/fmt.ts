import { decodeSource, type NoText } from '../../compiler/syntax/decode.js';
import { format } from '../../compiler/syntax/format.js';
import type { Source } from '../../compiler/syntax/source.js';
import { byteText } from '../../files/read-file.js';
import { mostSourceBytes, readSourceFile } from '../../project/world.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { writeSource } from '../writing-files.js';

export interface FmtOptions {
  readonly check?: boolean;
}

/** Formats files in place; `-` reads standard input and writes standard output. */
export async function fmt(console: Console, files: readonly string[], options: FmtOptions): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  for (const file of files) {
    const source = file === '-' ? await standardInput() : readSourceFile(file);
    if ('problem' in source) {
      const name = file === '-' ? 'standard input' : `'${file}'`;
      throw new Failure(exitCodes.environment, `cannot read ${name}: ${source.problem}`);
    }
    const formatted = format(source);
    printDiagnostics(console, formatted.diagnostics, false);
    const text = formatted.value === null ? null : withLineEndsOf(source.text, formatted.value);
    if (text === null) exitCode = exitCodes.experiment;
    else if (file === '-' && !options.check) console.data(text);
    else if (text !== source.text) {
      if (options.check) {
        console.out(`${file} would be formatted\n`);
        if (exitCode === exitCodes.ok) exitCode = exitCodes.failed;
      } else {
        writeSource(file, text);
        console.out(`${file} formatted\n`);
      }
    }
  }
  return exitCode;
}

/** Git may check files out with the line ends of Windows on every line, and turns them back. */
function withLineEndsOf(text: string, formatted: string): string {
  const isWindows = text.includes('\r\n') && !/(?<!\r)\n|\r(?!\n)/.test(text);
  return isWindows ? formatted.replaceAll('\n', '\r\n') : formatted;
}

/** As it comes: a synchronous read fails where the other end of the pipe is slower. */
async function standardInput(): Promise<Source | NoText> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > mostSourceBytes) return { problem: `it is longer than the limit of ${byteText(mostSourceBytes)}` };
  }
  const text = decodeSource(Buffer.concat(chunks));
  return typeof text === 'string' ? { path: 'standard input', text } : text;
}
