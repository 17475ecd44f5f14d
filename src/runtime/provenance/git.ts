import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { isReallyWithin } from '../../files/paths.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { isSystemError, systemCode } from '../../files/system-error.js';

export interface GitOutput {
  /** Null if git could not be started or did not exit. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface GitOptions {
  readonly input?: string | Uint8Array;
  /** Variables for a temporary index and object folder, so that nothing is written to the repository. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Larger than the output for any repository of experiments. */
const mostBytes = 512 * 1024 * 1024;
const mostConfigurationBytes = 2 ** 20;
const discoveryMilliseconds = 10_000;
const commandMilliseconds = 120_000;

/**
 * Configuration for every command. It overrides the repository's own, which may come with a copied or unpacked folder
 * and is untrusted, and the user's, which must not affect what is read.
 */
const configuration: readonly string[] = [
  // Ignores folders within a clone that look like bare repositories.
  'safe.bareRepository=explicit',
  // Programs git would run.
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sshCommand=false',
  'core.gitProxy=false',
  'core.askPass=false',
  'core.pager=cat',
  'core.editor=false',
  'core.alternateRefsCommand=true',
  'credential.helper=',
  'gpg.program=false',
  'log.showSignature=false',
  'protocol.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  // Settings that change what is read or printed.
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.quotePath=false',
  'core.untrackedCache=false',
  'core.splitIndex=false',
  'core.warnAmbiguousRefs=true',
  'core.abbrev=auto',
  'i18n.logOutputEncoding=UTF-8',
  'color.ui=false',
  'color.diff=false',
  'diff.external=',
  'diff.orderFile=/dev/null',
  'diff.renameLimit=1000',
  'diff.suppressBlankEmpty=false',
  'diff.wsErrorHighlight=none',
];

/** Variables that git sets for programs it starts, such as hooks, to name the current repository. */
const repositoryVariable =
  /^GIT_(ALTERNATE_OBJECT_DIRECTORIES|ATTR_SOURCE|COMMON_DIR|CONFIG|CONFIG_(COUNT|PARAMETERS|(KEY|VALUE)_\d+)|DEFAULT_HASH|DIR|GRAFT_FILE|IMPLICIT_WORK_TREE|INDEX_FILE|INDEX_VERSION|INTERNAL_SUPER_PREFIX|NAMESPACE|NO_REPLACE_OBJECTS|OBJECT_DIRECTORY|PREFIX|QUARANTINE_PATH|REPLACE_REF_BASE|SHALLOW_FILE|WORK_TREE|(LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS)$/i;

/** User-set limits on the search for repositories. */
const discoveryVariable = /^GIT_(CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/i;

/**
 * Environment for a program that may start git in another folder. Within a hook, git would otherwise use the repository
 * and index of the commit in progress there.
 */
export function withoutRepositoryVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !repositoryVariable.test(name)));
}

/**
 * A working tree as seen through git. Only this class starts git, and it trusts neither the repository nor its
 * configuration: no hook, filter, helper, pager or signature program runs and nothing is fetched, provided the command
 * is plumbing that reads objects, references and the index. Commands that inspect working files (`status`, `diff`,
 * `checkout`, `diff-files`) run filters and must not be used.
 */
export class Git {
  /** Top-level folder of the working tree. */
  readonly root: string;
  /** Git folder that holds the index. */
  readonly folder: string;
  readonly #trust: Trust;
  readonly #milliseconds: number;

  private constructor(root: string, folder: string, trust: Trust, milliseconds: number) {
    this.root = root;
    this.folder = folder;
    this.#trust = trust;
    this.#milliseconds = milliseconds;
  }

  /**
   * Opens the working tree around a folder.
   *
   * @param milliseconds timeout of each command, which might block, for example on a pipe in place of the index
   * @returns null outside of one, in a bare repository, and if git is missing
   */
  static around(folder: string, milliseconds = commandMilliseconds): Git | null {
    if (endlessFile(folder) !== null) return null;
    // Only the user's configuration may declare repositories of other owners safe.
    for (const trust of ['nobody', 'person'] as const) {
      const { status, stdout, stderr } = discover(folder, trust);
      if (status === 0) {
        const [root = '', gitFolder = ''] = stdout.toString('utf8').trimEnd().split('\n');
        return isWorkingTree(root, gitFolder, folder) ? new Git(resolve(root), gitFolder, trust, milliseconds) : null;
      }
      if (!isDubious(stderr)) return null;
    }
    return null;
  }

  /**
   * Says why git refuses to open the repository around a folder, with the remedy; null if there is none or git opens
   * it.
   */
  static refusal(folder: string): string | null {
    const endless = endlessFile(folder);
    if (endless !== null) return `${JSON.stringify(endless)} is a pipe or a device, which git would wait for`;
    const { status, stderr, timedOut } = discover(folder, 'person');
    if (timedOut) return `git did not answer within ${discoveryMilliseconds / 1000} seconds`;
    return status !== 0 && isDubious(stderr) ? stderr.trim().replace(/\s+/g, ' ') : null;
  }

  run(args: readonly string[], options: GitOptions = {}): GitOutput {
    return run(this.root, args, this.#trust, { ...options, milliseconds: this.#milliseconds });
  }

  /** Output of a command; null if it fails. */
  text(...args: readonly string[]): string | null {
    const { status, stdout } = this.run(args);
    return status === 0 ? stdout.toString('utf8') : null;
  }
}

interface RunOptions extends GitOptions {
  readonly milliseconds: number;
}

/** Owner of the configuration files read besides the repository's. */
type Trust = 'nobody' | 'person';

function discover(folder: string, trust: Trust): GitOutput {
  const milliseconds = discoveryMilliseconds;
  return run(folder, ['rev-parse', '--show-toplevel', '--absolute-git-dir'], trust, { milliseconds });
}

/** Files in its folder that git opens for every command. */
const openedFiles: readonly string[] = [
  ...['HEAD', 'config', 'config.worktree', 'index', 'packed-refs', 'shallow', 'commondir', 'gitdir'],
  ...['attributes', 'exclude', 'grafts', 'sparse-checkout'].map((name) => `info/${name}`),
  ...['alternates', 'commit-graph', 'packs'].map((name) => `objects/info/${name}`),
  'objects/pack/multi-pack-index',
];

/** Finds a pipe, device or socket in place of a file that git reads around a folder; null if there is none. */
function endlessFile(folder: string): string | null {
  try {
    for (let at = realpathSync(folder); ; at = dirname(at)) {
      const entry = join(at, '.git');
      const status = statSync(entry, { throwIfNoEntry: false });
      if (status !== undefined) {
        if (!status.isDirectory() && !status.isFile()) return entry;
        const own = status.isDirectory() ? entry : resolve(at, linkedFolder(entry));
        return [own, commonFolder(own)].map(endlessFileOf).find((path) => path !== null) ?? endlessInclude(own);
      }
      if (dirname(at) === at) return null;
    }
  } catch (error) {
    // Git itself reports unreadable files.
    if (error instanceof FileError || isSystemError(error))
      return error instanceof FileError && error.reason === 'not_a_file' ? error.path : null;
    throw error;
  }
}

function isEndless(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** Git's own limit on nested includes. */
const mostIncludes = 10;

/**
 * Like {@link endlessFile}, for files included by a repository's configuration. Assumes that all conditions hold.
 */
function endlessInclude(gitFolder: string): string | null {
  let files = [join(commonFolder(gitFolder), 'config'), join(gitFolder, 'config.worktree')];
  for (let depth = 0; depth < mostIncludes && files.length > 0; depth++) {
    files = files.flatMap(includedFiles);
    const endless = files.find(isEndless);
    if (endless !== undefined) return endless;
  }
  return null;
}

function includedFiles(file: string): readonly string[] {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
  const text = new TextDecoder().decode(readRegularFile(file, mostConfigurationBytes));
  // Most configurations include nothing, and starting git takes a few milliseconds.
  if (!/include/i.test(text)) return [];
  const args = [
    'config',
    '--file',
    file,
    '--no-includes',
    '--null',
    '--path',
    '--get-regexp',
    '^include(if[.].*)?[.]path$',
  ];
  const { stdout } = run(dirname(file), args, 'nobody', { milliseconds: discoveryMilliseconds });
  const entries = stdout.toString('utf8').split('\0').slice(0, -1);
  return entries.map((entry) => resolve(dirname(file), entry.slice(entry.indexOf('\n') + 1)));
}

function endlessFileOf(gitFolder: string): string | null {
  const opened = openedFiles.map((name) => join(gitFolder, name)).find(isEndless);
  if (opened !== undefined) return opened;
  for (const waiting = ['refs', 'objects/pack'].map((name) => join(gitFolder, name)); ; ) {
    const at = waiting.pop();
    if (at === undefined) return null;
    if (!statSync(at, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(at, entry.name));
      else if (!entry.isFile() && isEndless(join(at, entry.name))) return join(at, entry.name);
    }
  }
}

/** Folder that a linked worktree shares with the others. */
function commonFolder(gitFolder: string): string {
  const file = join(gitFolder, 'commondir');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return gitFolder;
  return resolve(gitFolder, new TextDecoder().decode(readRegularFile(file, 64 * 1024)).trim());
}

function isDubious(complaint: string): boolean {
  return /dubious ownership|unsafe repository/.test(complaint);
}

/**
 * Returns whether git found the repository by a `.git` in the top-level folder of the working tree. Git before 2.38
 * also accepts folders that look like bare repositories, whose configuration may name any folder as working tree.
 */
function isWorkingTree(root: string, gitFolder: string, folder: string): boolean {
  try {
    if (!isReallyWithin(root, folder)) return false;
    const entry = join(root, '.git');
    const named = statSync(entry).isDirectory() ? entry : resolve(root, linkedFolder(entry));
    return realpathSync(named) === realpathSync(gitFolder);
  } catch (error) {
    if (error instanceof FileError || isSystemError(error)) return false;
    throw error;
  }
}

/** Linked worktrees and submodules have a file in place of the folder: `gitdir: PATH`. */
function linkedFolder(file: string): string {
  const text = new TextDecoder().decode(readRegularFile(file, 64 * 1024));
  return /^gitdir: (.*)$/s.exec(text.replace(/[\r\n]+$/, ''))?.[1] ?? '';
}

function run(folder: string, args: readonly string[], trust: Trust, options: RunOptions): GitOutput {
  const place = resolve(folder);
  const { status, stdout, stderr, error } = spawnSync(
    'git',
    ['-C', place, '--no-pager', ...configuration.flatMap((setting) => ['-c', setting]), ...args],
    {
      // Windows, and a PATH with a dot in it, would look for git in the current folder.
      cwd: parse(place).root,
      env: { ...environmentFor(trust), ...options.environment },
      input: options.input,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      maxBuffer: mostBytes,
      timeout: options.milliseconds,
      windowsHide: true,
    },
  );
  // Git was not started, or was killed.
  const complaint = error === undefined ? stderr.toString('utf8') : error.message;
  const timedOut = error !== undefined && systemCode(error) === 'ETIMEDOUT';
  return {
    status: error === undefined ? status : null,
    stdout: stdout ?? Buffer.alloc(0),
    stderr: complaint,
    timedOut,
  };
}

function environmentFor(trust: Trust): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name) || discoveryVariable.test(name));
  return {
    ...Object.fromEntries(own),
    ...(trust === 'nobody' ? { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' } : {}),
    GIT_ATTR_NOSYSTEM: '1',
    // Unlike `protocol.allow`, this also overrides `protocol.ext.allow` of the repository.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
    LC_ALL: 'C',
    LANGUAGE: 'C',
  };
}

/** `2.47.1`; null if git is missing. */
export function gitVersion(): string | null {
  const { status, stdout } = run(parse(process.execPath).root, ['--version'], 'nobody', {
    milliseconds: discoveryMilliseconds,
  });
  return status === 0
    ? stdout
        .toString('utf8')
        .trim()
        .replace(/^git version /, '')
    : null;
}
