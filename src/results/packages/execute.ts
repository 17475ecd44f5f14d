import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withoutRepositoryVariables } from '../../runtime/provenance/git.js';

/** Packages could not be installed, or what was installed did not do what it was asked to. */
export class InstallationError extends Error {
  override readonly name = 'InstallationError';
  readonly hint = 'is there a network, and what `npm ci` needs?';
}

/** A program run in a folder. @returns what it printed. @throws InstallationError; an AbortError where the signal ended it */
export async function execute(
  command: string,
  args: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], {
      cwd: folder,
      env: withoutRepositoryVariables(process.env),
      signal,
      maxBuffer: 1024 * 1024 * 1024,
      windowsHide: true,
    });
    return stdout;
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    throw new InstallationError(`${[command, ...args].slice(0, 3).join(' ')} failed: ${lastWords(error)}`, {
      cause: error,
    });
  }
}

/** Some programs write what is wrong where others write their results. */
function lastWords(error: Error): string {
  const printed = ['stderr', 'stdout'].map((stream) => String(Reflect.get(error, stream) ?? '').trim());
  const said = printed.find((text) => text !== '') ?? error.message;
  return said.split('\n').slice(-5).join('\n');
}
