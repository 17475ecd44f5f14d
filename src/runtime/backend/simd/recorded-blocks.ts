import { FreeBlocks } from './free-blocks.js';

interface Piece {
  readonly address: number;
  readonly bytes: number;
}

/**
 * The memory of a recorded computation. Blocks that it allocates and frees are reused only within the recording, split
 * and merged as needed: on replay, nobody else may have written to memory that it relies on.
 */
export class RecordedBlocks {
  /** Sizes, by address, of the recording's allocated blocks. */
  private readonly own = new Map<number, number>();
  private readonly free = new FreeBlocks();
  /** Blocks with values from the host; see `LinearMemory.allocateConstant`. */
  private readonly constant = new Set<number>();
  private readonly constantsGivenBack: Piece[] = [];

  take(address: number, size: number): void {
    this.own.set(address, size);
  }

  /** Reuses freed memory for a block of this size. */
  reuse(size: number): number | undefined {
    const address = this.free.take(size);
    if (address !== undefined) this.own.set(address, size);
    return address;
  }

  /** @returns false for a block that was allocated before the recording */
  give(address: number, size: number): boolean {
    if (!this.own.delete(address)) return false;
    if (this.constant.has(address)) this.constantsGivenBack.push({ address, bytes: size });
    else this.free.put(address, size);
    return true;
  }

  keepConstant(address: number): void {
    this.constant.add(address);
  }

  isConstant(address: number): boolean {
    return this.constant.has(address);
  }

  /** Memory that only the recording holds once it ends. */
  get scratch(): readonly Piece[] {
    return [...this.free.pieces().map(({ address, size }) => ({ address, bytes: size })), ...this.constantsGivenBack];
  }
}
