import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commands, type ExtensionContext, Uri, window, workspace } from 'vscode';
import { LanguageClient, type ServerOptions } from 'vscode-languageclient/node';

/** Arguments of the commands behind the server's lenses. */
interface Asked {
  readonly file: string;
  readonly experiment: string;
  readonly run?: string;
}

let client: LanguageClient | null = null;

/** Starts the server of the folder's aedsl, once the person trusts the folder: it is code of that folder. */
export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand('aedsl.run', (asked?: unknown) => inTerminal('run', asked)),
    commands.registerCommand('aedsl.sweep', (asked?: unknown) => inTerminal('sweep', asked)),
    commands.registerCommand('aedsl.show', (asked?: unknown) => inTerminal('show', asked)),
    commands.registerCommand('aedsl.restart', restart),
    workspace.onDidGrantWorkspaceTrust(restart),
  );
  if (workspace.isTrusted) await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(): Promise<void> {
  await client?.stop();
  client = null;
  await start();
}

async function start(): Promise<void> {
  const [command, ...args] = aedsl();
  if (command === undefined) return;
  const options: ServerOptions = {
    command,
    args: [...args, 'lsp', '--stdio'],
    options: { cwd: folder(), shell: process.platform === 'win32' },
  };
  client = new LanguageClient('aedsl', 'aedsl', options, {
    documentSelector: [{ language: 'aedsl' }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/{*.ae,*.csv,*.npy,*.npz,aedsl.config.json}') },
  });
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`aedsl does not start (${reason}). Install it in the folder: npm install aedsl`);
  }
}

/** The program and its first arguments: the person's choice, that of the folder, or the one on the PATH. */
function aedsl(): readonly string[] {
  const chosen = workspace.getConfiguration('aedsl').get<string>('path') ?? '';
  if (chosen !== '') return [chosen];
  const own = (workspace.workspaceFolders ?? []).map(({ uri }) =>
    join(uri.fsPath, 'node_modules', '.bin', process.platform === 'win32' ? 'aedsl.cmd' : 'aedsl'),
  );
  return [own.find((path) => existsSync(path)) ?? 'aedsl'];
}

function folder(): string | undefined {
  return workspace.workspaceFolders?.[0]?.uri.fsPath;
}

/** Runs a command in a terminal of its own. Its arguments go to the program as they are: no shell reads a name. */
async function inTerminal(command: 'run' | 'sweep' | 'show', given: unknown): Promise<void> {
  const asked = isAsked(given) ? given : await openExperiment();
  if (asked === null || !workspace.isTrusted) return;
  if (command !== 'show' && !(await saved(asked.file))) return;
  const [program, ...args] = aedsl();
  if (program === undefined) return;
  const subject = command === 'show' ? (asked.run ?? 'last') : `${asked.file}:${asked.experiment}`;
  const name = command === 'show' ? `aedsl show ${subject}` : `aedsl ${command} ${asked.experiment}`;
  window.createTerminal({ name, shellPath: program, shellArgs: [...args, command, subject], cwd: folder() }).show();
}

function isAsked(given: unknown): given is Asked {
  if (typeof given !== 'object' || given === null || !('file' in given) || !('experiment' in given)) return false;
  const run = 'run' in given ? given.run : undefined;
  return (
    typeof given.file === 'string' &&
    typeof given.experiment === 'string' &&
    /^\w+$/.test(given.experiment) &&
    (run === undefined || (typeof run === 'string' && /^r\d+$/.test(run)))
  );
}

/** The experiment of the active editor: the last one that begins before the cursor. */
async function openExperiment(): Promise<Asked | null> {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId !== 'aedsl') return null;
  const before = editor.document.getText().slice(0, editor.document.offsetAt(editor.selection.active));
  const names = [...before.matchAll(/\bexperiment\s+(\w+)/g)].map(([, name]) => name ?? '');
  const first = /\bexperiment\s+(\w+)/.exec(editor.document.getText())?.[1];
  const experiment = names.at(-1) ?? first;
  return experiment === undefined ? null : { file: editor.document.uri.fsPath, experiment };
}

/** Saves unsaved changes, because commands read the file from disk. @returns whether the disk has them */
async function saved(file: string): Promise<boolean> {
  const document = workspace.textDocuments.find(({ uri }) => uri.toString() === Uri.file(file).toString());
  return document === undefined || !document.isDirty || document.save();
}
