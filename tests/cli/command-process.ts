import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finished } from './command.js';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * One process of the built program that runs command after command, each as if it had a process of its own with both
 * streams piped. Starting one takes longer than most commands.
 */
export class CommandProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'aedsl-commands-'));
  readonly #requests: number;
  readonly #answers: number;

  constructor() {
    const [requests, answers] = [this.#pipe('requests'), this.#pipe('answers')];
    this.#requests = requests.write;
    this.#answers = answers.read;
    spawn(process.execPath, ['tests/cli/command-server.mjs'], {
      stdio: ['ignore', 'ignore', 'inherit', requests.read, answers.write],
    });
    // Its end is then seen as the end of the answers.
    for (const end of [requests.read, answers.write]) closeSync(end);
  }

  run(args: readonly string[], { cwd, env }: Place): Finished {
    this.#ask([cwd, JSON.stringify(env), ''], args);
    return JSON.parse(this.#line());
  }

  /** Writes a program that asks this process to run its arguments where it is called. Its environment has no effect. */
  writeProgram(path: string, env: NodeJS.ProcessEnv, { drops }: { readonly drops: number } = { drops: 0 }): void {
    const script = `#!/bin/sh
shift ${drops}
answer=$(mktemp -d '${this.#folder}/XXXXXX')
mkfifo "$answer/status"
printf '%s\\0' $# "$PWD" "$(cat '${this.#folder}/environment')" "$answer" "$@" > '${this.#folder}/requests'
read -r status < "$answer/status"
cat "$answer/out"
cat "$answer/err" >&2
exit "$status"
`;
    writeFileSync(join(this.#folder, 'environment'), JSON.stringify(env));
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  }

  close(): void {
    closeSync(this.#requests);
    while (readSync(this.#answers, Buffer.alloc(1 << 10)) > 0);
    closeSync(this.#answers);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ask(place: readonly [cwd: string, env: string, answer: string], args: readonly string[]): void {
    const bytes = Buffer.from([args.length, ...place, ...args].map((field) => `${field}\0`).join(''));
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#requests, bytes, at);
  }

  #line(): string {
    const parts: Buffer[] = [];
    for (;;) {
      const part = Buffer.alloc(1 << 16);
      const count = readSync(this.#answers, part);
      if (count === 0) throw new Error(`the process of the commands ended: ${Buffer.concat(parts)}`);
      parts.push(part.subarray(0, count));
      if (part[count - 1] === 10) return Buffer.concat(parts).toString('utf8');
    }
  }

  /** Both ends of a new pipe, which has a name for `writeProgram`. */
  #pipe(name: string): { readonly read: number; readonly write: number } {
    const path = join(this.#folder, name);
    execFileSync('mkfifo', [path]);
    // An end waits for the other one when it is opened; one that doesn't is there meanwhile.
    const meanwhile = openSync(path, constants.O_RDWR);
    const [read, write] = [openSync(path, 'r'), openSync(path, 'w')];
    closeSync(meanwhile);
    return { read, write };
  }
}
