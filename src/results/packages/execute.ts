import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withoutRepositoryVariables } from '../../runtime/provenance/git.js';

/** Packages could not be installed, or an installed program failed. */
export class InstallationError extends Error {
  override readonly name = 'InstallationError';
  readonly hint = 'check the network, and what `npm ci` needs';
}

/**
 * Runs a program in a folder. @returns what it printed. @throws InstallationError; an AbortError if the signal ended it
 */
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

/** Some programs report errors on stdout. */
function lastWords(error: Error): string {
  const printed = ['stderr', 'stdout'].map((stream) => String(Reflect.get(error, stream) ?? '').trim());
  const said = printed.find((text) => text !== '') ?? error.message;
  return said.split('\n').slice(-5).join('\n');
}
