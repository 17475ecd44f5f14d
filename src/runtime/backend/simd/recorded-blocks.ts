import { FreeBlocks } from './free-blocks.js';

/** A piece of memory. */
interface Piece {
  readonly address: number;
  readonly bytes: number;
}

/**
 * The memory of a computation that is recorded. Blocks that it takes and gives back are handed out again within the
 * recording alone, cut and joined as they are needed: when it is repeated, nobody else may have written where it left
 * something.
 */
export class RecordedBlocks {
  /** Size by address, of the blocks that are in use and its own. */
  private readonly own = new Map<number, number>();
  private readonly free = new FreeBlocks();
  /** Blocks with values from the host; see `LinearMemory.allocateConstant`. */
  private readonly constant = new Set<number>();
  private readonly constantsGivenBack: Piece[] = [];

  take(address: number, size: number): void {
    this.own.set(address, size);
  }

  /** A block of this size from what was given back. */
  reuse(size: number): number | undefined {
    const address = this.free.take(size);
    if (address !== undefined) this.own.set(address, size);
    return address;
  }

  /** @returns false for a block from before the recording, which is not its own */
  give(address: number, size: number): boolean {
    if (!this.own.delete(address)) return false;
    if (this.constant.has(address)) this.constantsGivenBack.push({ address, bytes: size });
    else this.free.put(address, size);
    return true;
  }

  /** The host has written the block. */
  keepConstant(address: number): void {
    this.constant.add(address);
  }

  isConstant(address: number): boolean {
    return this.constant.has(address);
  }

  /** What nothing but the recording holds when it ends. */
  get scratch(): readonly Piece[] {
    return [...this.free.pieces().map(({ address, size }) => ({ address, bytes: size })), ...this.constantsGivenBack];
  }
}
