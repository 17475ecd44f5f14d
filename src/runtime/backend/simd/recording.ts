import type { Repetition } from '../repetition.js';
import type { LinearMemory } from './linear-memory.js';
import type { RecordedBlocks } from './recorded-blocks.js';

interface ProgramRunner {
  readonly memory: LinearMemory;
  /** @param end the address after the last job */
  runProgram(program: number, end: number): void;
}

/** An argument that is read again at every replay, with its position in the list of jobs. */
interface ChangingWord {
  readonly index: number;
  readonly read: () => number;
}

/** The jobs of a recorded computation: for each, the number of words, whether threads share it, and the words. */
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

  /** @param changing functions that supply some of the words, by index */
  addJob(words: Int32Array, shared: boolean, changing: ReadonlyMap<number, () => number>): void {
    const first = this.words.length + 2;
    this.words.push(words.length, shared ? 1 : 0, ...words);
    for (const [index, read] of changing) this.changing.push({ index: first + index, read });
  }

  /** Notes that the host reads a block, so that its next actions may depend on the content. */
  reads(address: number): void {
    if (!this.blocks.isConstant(address)) this.repeatable = false;
  }

  /** Ends the recording; null if the host has read back a result. */
  finish(): Repetition | null {
    if (this.repeatable) return new RecordedJobs(this.runner, this.words, this.changing, this.blocks.scratch);
    this.abandon();
    return null;
  }

  /** Discards the recording and frees its memory. */
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
