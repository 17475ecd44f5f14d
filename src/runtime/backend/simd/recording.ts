import type { Repetition } from '../repetition.js';
import type { LinearMemory } from './linear-memory.js';
import type { RecordedBlocks } from './recorded-blocks.js';

/** What does recorded jobs again. */
interface ProgramRunner {
  readonly memory: LinearMemory;
  /** @param end the address after the last job */
  runProgram(program: number, end: number): void;
}

/** An argument that is read again at every repetition, and its place in the list of jobs. */
interface ChangingWord {
  readonly index: number;
  readonly read: () => number;
}

/** The jobs of a computation while it is recorded: for each the number of words, whether threads share it, and the words. */
export class Recording {
  private readonly words: number[] = [];
  private readonly changing: ChangingWord[] = [];
  private repeatable = true;
  private readonly runner: ProgramRunner;
  private readonly blocks: RecordedBlocks;

  constructor(runner: ProgramRunner, blocks: RecordedBlocks) {
    this.runner = runner;
    this.blocks = blocks;
  }

  /** @param changing reads of some of the words, by their index */
  addJob(words: Int32Array, shared: boolean, changing: ReadonlyMap<number, () => number>): void {
    const first = this.words.length + 2;
    this.words.push(words.length, shared ? 1 : 0, ...words);
    for (const [index, read] of changing) this.changing.push({ index: first + index, read });
  }

  /** The host reads a block: what it does next may depend on what is there now. */
  reads(address: number): void {
    if (!this.blocks.isConstant(address)) this.repeatable = false;
  }

  /** The recording, to be repeated; null where the host has looked at a result. */
  finish(): Repetition | null {
    if (this.repeatable) return new RecordedJobs(this.runner, this.words, this.changing, this.blocks.scratch);
    this.abandon();
    return null;
  }

  /** Gives back what the recording holds; it will not be repeated. */
  abandon(): void {
    for (const { address, bytes } of this.blocks.scratch) this.runner.memory.releasePiece(address, bytes);
  }
}

class RecordedJobs implements Repetition {
  private readonly runner: ProgramRunner;
  private readonly program: number;
  private readonly bytes: number;
  private readonly changing: readonly ChangingWord[];
  private readonly scratch: RecordedBlocks['scratch'];

  constructor(
    runner: ProgramRunner,
    words: readonly number[],
    changing: readonly ChangingWord[],
    scratch: RecordedBlocks['scratch'],
  ) {
    const memory: LinearMemory = runner.memory;
    this.runner = runner;
    this.bytes = words.length * 4;
    this.program = memory.allocate(this.bytes);
    memory.ints.set(words, this.program >>> 2);
    this.changing = changing;
    this.scratch = scratch;
  }

  repeat(): void {
    const { ints } = this.runner.memory;
    const first = this.program >>> 2;
    for (const { index, read } of this.changing) ints[first + index] = read();
    this.runner.runProgram(this.program, this.program + this.bytes);
  }

  dispose(): void {
    const { memory } = this.runner;
    memory.release(this.program, this.bytes);
    for (const { address, bytes } of this.scratch) memory.releasePiece(address, bytes);
  }
}
