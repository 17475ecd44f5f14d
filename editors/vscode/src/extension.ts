import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  commands,
  type ExtensionContext,
  ProcessExecution,
  Task,
  TaskPanelKind,
  TaskRevealKind,
  TaskScope,
  tasks,
  Uri,
  window,
  workspace,
} from 'vscode';
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
  const program = aedsl();
  if (program === null) return offerInstall();
  const options: ServerOptions = {
    command: program,
    args: ['lsp', '--stdio'],
    options: { cwd: folder(), shell: process.platform === 'win32' },
  };
  client = new LanguageClient('aedsl', 'aedsl', options, {
    documentSelector: [{ language: 'aedsl' }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/{*.ae,*.csv,*.npy,*.npz,aedsl.config.json}') },
  });
  try {
    await client.start();
  } catch {
    // The client has said why.
  }
}

async function offerInstall(): Promise<void> {
  const install = 'Run npm install';
  const chosen = await window.showWarningMessage(
    'aedsl is not installed in this folder, so its experiments are only coloured.',
    install,
  );
  if (chosen !== install) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packages = existsSync(join(folder(), 'package.json')) ? [] : ['aedsl'];
  if ((await runTask('npm install', npm, ['install', ...packages], folder())) === 0) await restart();
}

/** The program: the one that the setting names, that of the nearest `node_modules` (as Node looks), or the one on the PATH. */
function aedsl(): string | null {
  const chosen = workspace.getConfiguration('aedsl').get('path', '');
  if (chosen !== '') return chosen;
  const name = process.platform === 'win32' ? 'aedsl.cmd' : 'aedsl';
  const folders = workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [folder()];
  const own = folders.flatMap(withParents).map((path) => join(path, 'node_modules', '.bin', name));
  const searched = process.env['PATH']?.split(delimiter) ?? [];
  const installed = searched.filter((path) => path !== '').map((path) => join(path, name));
  return [...own, ...installed].find((path) => existsSync(path)) ?? null;
}

function withParents(path: string): readonly string[] {
  const parents = [path];
  for (let parent = dirname(path); parent !== parents.at(-1); parent = dirname(parent)) parents.push(parent);
  return parents;
}

/** The first folder that is open, or that of a file opened without one. */
function folder(): string {
  const file = window.activeTextEditor?.document.uri.fsPath;
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? (file === undefined ? homedir() : dirname(file));
}

async function inTerminal(command: 'run' | 'sweep' | 'show', given: unknown): Promise<void> {
  const asked = isAsked(given) ? given : await openExperiment();
  if (asked === null || !workspace.isTrusted) return;
  if (command !== 'show' && !(await saved(asked.file))) return;
  const program = aedsl();
  if (program === null) return offerInstall();
  const subject = command === 'show' ? (asked.run ?? 'last') : `${asked.file}:${asked.experiment}`;
  const name = `${command} ${command === 'show' ? subject : asked.experiment}`;
  const owner = workspace.getWorkspaceFolder(Uri.file(asked.file))?.uri.fsPath;
  await runTask(name, program, [command, subject], owner ?? dirname(asked.file));
}

/**
 * Runs a program in a terminal that stays open when it ends, unlike one made for it. The arguments go to the program as they are:
 * no shell reads a name. @returns its exit code, or undefined if it was ended from outside
 */
async function runTask(
  name: string,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<number | undefined> {
  const scope = workspace.workspaceFolders === undefined ? TaskScope.Global : TaskScope.Workspace;
  const task = new Task(
    { type: 'process' },
    scope,
    name,
    'aedsl',
    new ProcessExecution(program, [...args], { cwd }),
    [],
  );
  task.presentationOptions = {
    reveal: TaskRevealKind.Always,
    panel: TaskPanelKind.Dedicated,
    focus: true,
    clear: true,
  };
  return new Promise((resolve, reject) => {
    const ended = tasks.onDidEndTaskProcess(({ execution: each, exitCode }) => {
      if (each.task.name !== name) return;
      ended.dispose();
      resolve(exitCode);
    });
    tasks.executeTask(task).then(undefined, (error: unknown) => {
      ended.dispose();
      reject(error);
    });
  });
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
  const names = [...before.matchAll(/\bexperiment\s+(\w+)/g)].map(([, name]) => name);
  const first = /\bexperiment\s+(\w+)/.exec(editor.document.getText())?.[1];
  const experiment = names.at(-1) ?? first;
  return experiment === undefined ? null : { file: editor.document.uri.fsPath, experiment };
}

/** Saves unsaved changes, because commands read the file from disk. @returns whether the disk has them */
async function saved(file: string): Promise<boolean> {
  const document = workspace.textDocuments.find(({ uri }) => uri.toString() === Uri.file(file).toString());
  return document === undefined || !document.isDirty || document.save();
}
