import { decodeSource, format, type Source, withLineEndsOf } from '../../api/compiler.js';
import { mostSourceBytes } from '../../api/project.js';
import { byteText } from '../../files/read-file.js';
import { defineCommand } from '../command.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { experimentArguments } from '../experiment-argument.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { writeSource } from '../writing-files.js';

/**
 * Formats files in place; `-` reads standard input and writes standard output.
 * @param words files, folders and names of experiments, as for `check`
 */
export const command = defineCommand({
  about: 'Format experiments in place. Comments are kept, and the meaning never changes.',
  examples: ['aedsl fmt sparse.ae', 'aedsl fmt --check .'],
  usage: (command) =>
    command
      .argument('<files...>', 'files, folders, names of experiments, or - for standard input')
      .option('--check', 'change nothing; exit 1 if something would change'),
  async run({ console }, [words], options) {
    let exitCode: ExitCode = exitCodes.ok;
    const seen = new Set<string>();
    for (const word of words) {
      for (const source of word === '-'
        ? [await standardInput()]
        : experimentArguments(word).map((one) => one.source)) {
        if (seen.has(source.path)) continue;
        seen.add(source.path);
        exitCode = worse(exitCode, formatOne(console, source, word === '-', options));
      }
    }
    return exitCode;
  },
});

/** An invalid experiment outweighs an unformatted one. */
function worse(one: ExitCode, other: ExitCode): ExitCode {
  return one === exitCodes.ok || other === exitCodes.experiment ? other : one;
}

function formatOne(
  console: Console,
  source: Source,
  isPiped: boolean,
  { check }: { readonly check?: boolean | undefined },
): ExitCode {
  const formatted = format(source);
  printDiagnostics(console, formatted.diagnostics, false);
  if (formatted.value === null) return exitCodes.experiment;
  const text = withLineEndsOf(source.text, formatted.value);
  if (isPiped && !check) console.data(text);
  else if (text !== source.text && check) {
    console.out(`${source.path} would be formatted\n`);
    return exitCodes.failed;
  } else if (text !== source.text) {
    writeSource(source.path, text);
    console.out(`${source.path} formatted\n`);
  }
  return exitCodes.ok;
}

/** Asynchronous, since a synchronous read fails if the other end of the pipe is slower. */
async function standardInput(): Promise<Source> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > mostSourceBytes) throw unreadable(`it is longer than the limit of ${byteText(mostSourceBytes)}`);
  }
  const text = decodeSource(Buffer.concat(chunks));
  if (typeof text !== 'string') throw unreadable(text.problem);
  return { path: 'standard input', text };
}

function unreadable(problem: string): Failure {
  return new Failure(exitCodes.environment, `cannot read standard input: ${problem}`);
}
