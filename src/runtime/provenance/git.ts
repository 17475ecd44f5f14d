import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { isReallyWithin } from '../../files/paths.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { isSystemError, systemCode } from '../../files/system-error.js';

export interface GitOutput {
  /** Null when git could not be started or did not end. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface GitOptions {
  readonly input?: string | Uint8Array;
  /** A temporary index and object folder, so that nothing is written to the repository. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** No list of commits or files that a person keeps experiments in is longer. */
const mostBytes = 512 * 1024 * 1024;
const mostConfigurationBytes = 2 ** 20;
const discoveryMilliseconds = 10_000;
const commandMilliseconds = 120_000;

/**
 * Configuration that every command is given. It wins over the repository's own, which comes with a copied or unpacked folder
 * and is therefore anybody's, and over the person's, which must not change what is read.
 */
const configuration: readonly string[] = [
  // A folder within a clone that looks like a bare repository is not one.
  'safe.bareRepository=explicit',
  // Programs.
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
  // What is read, and how it is written down.
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

/** What git sets for programs that it starts, such as hooks, to name the repository at hand. */
const repositoryVariable =
  /^GIT_(ALTERNATE_OBJECT_DIRECTORIES|ATTR_SOURCE|COMMON_DIR|CONFIG|CONFIG_(COUNT|PARAMETERS|(KEY|VALUE)_\d+)|DEFAULT_HASH|DIR|GRAFT_FILE|IMPLICIT_WORK_TREE|INDEX_FILE|INDEX_VERSION|INTERNAL_SUPER_PREFIX|NAMESPACE|NO_REPLACE_OBJECTS|OBJECT_DIRECTORY|PREFIX|QUARANTINE_PATH|REPLACE_REF_BASE|SHALLOW_FILE|WORK_TREE|(LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS)$/i;

/** Limits that the person sets on where repositories are looked for. */
const discoveryVariable = /^GIT_(CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/i;

/**
 * The environment for a program that may start git in another folder. Within a hook, git would otherwise take the repository
 * and the index of the commit in progress for those of that folder.
 */
export function withoutRepositoryVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !repositoryVariable.test(name)));
}

/**
 * A working tree, as git sees it. This is the only place that starts git, and it trusts neither the repository nor its
 * configuration: no hook, filter, helper, pager or signature program is run and nothing is fetched, as long as the command is
 * plumbing that reads objects, references and the index. Commands that look into working files (`status`, `diff`, `checkout`,
 * `diff-files`) run filters and must not be used.
 */
export class Git {
  /** The top folder of the working tree. */
  readonly root: string;
  /** Where the index is. */
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
   * The working tree around a folder.
   *
   * @param milliseconds after which a command is ended, such as one that reads a pipe in place of the index
   * @returns null outside of one, in a bare repository, and where git is missing
   */
  static around(folder: string, milliseconds = commandMilliseconds): Git | null {
    if (endlessFile(folder) !== null) return null;
    // Only the person's configuration can name repositories of others that git shall open.
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

  /** Why git refuses to open the repository around a folder, with its remedy; null when there is none or git opens it. */
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

  /** What git prints; null when it fails. */
  text(...args: readonly string[]): string | null {
    const { status, stdout } = this.run(args);
    return status === 0 ? stdout.toString('utf8') : null;
  }
}

interface RunOptions extends GitOptions {
  readonly milliseconds: number;
}

/** Whose configuration files are read beside the repository's. */
type Trust = 'nobody' | 'person';

function discover(folder: string, trust: Trust): GitOutput {
  const milliseconds = discoveryMilliseconds;
  return run(folder, ['rev-parse', '--show-toplevel', '--absolute-git-dir'], trust, { milliseconds });
}

/** Files that git opens whatever it is asked, below its folder. */
const openedFiles: readonly string[] = [
  ...['HEAD', 'config', 'config.worktree', 'index', 'packed-refs', 'shallow', 'commondir', 'gitdir'],
  ...['attributes', 'exclude', 'grafts', 'sparse-checkout'].map((name) => `info/${name}`),
  ...['alternates', 'commit-graph', 'packs'].map((name) => `objects/info/${name}`),
  'objects/pack/multi-pack-index',
];

/** A pipe, device or socket in the place of a file that git reads around a folder; null where there is none. */
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
    // Git says what is wrong with what can't be read.
    if (error instanceof FileError || isSystemError(error))
      return error instanceof FileError && error.reason === 'not_a_file' ? error.path : null;
    throw error;
  }
}

function isEndless(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** Git itself follows no longer chain of included files. */
const mostIncludes = 10;

/** As {@link endlessFile}, among the files that a repository's configuration includes. Conditions are taken to hold. */
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

/** Where a linked worktree has what it shares with the others. */
function commonFolder(gitFolder: string): string {
  const file = join(gitFolder, 'commondir');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return gitFolder;
  return resolve(gitFolder, new TextDecoder().decode(readRegularFile(file, 64 * 1024)).trim());
}

function isDubious(complaint: string): boolean {
  return /dubious ownership|unsafe repository/.test(complaint);
}

/**
 * Whether git found the repository by a `.git` in the top folder of the working tree. Git before 2.38 also takes folders that
 * look like bare repositories, and the configuration of each may name any other folder as its working tree.
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
  // Nothing was started, or it was ended.
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
    // Unlike `protocol.allow`, this also wins over `protocol.ext.allow` of the repository.
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

/** `2.47.1`; null where git is missing. */
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
