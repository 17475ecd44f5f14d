/**
 * The memory of a computation that is recorded. Blocks that it takes and gives back are handed out again within the
 * recording alone: when it is repeated, nobody else may have written where it left something.
 */
export class RecordedBlocks {
  /** Size by address, of all blocks taken since the recording began. */
  private readonly taken = new Map<number, number>();
  private readonly free = new Map<number, number[]>();
  /** Blocks with values from the host; see `LinearMemory.allocateConstant`. */
  private readonly constant = new Set<number>();
  private readonly givenBack = new Set<number>();

  take(address: number, size: number): void {
    this.taken.set(address, size);
  }

  /** A block of this size that was given back. */
  reuse(size: number): number | undefined {
    const address = this.free.get(size)?.pop();
    if (address !== undefined) this.givenBack.delete(address);
    return address;
  }

  /** @returns false for a block from before the recording, which is not its own */
  give(address: number, size: number): boolean {
    if (!this.taken.has(address)) return false;
    this.givenBack.add(address);
    if (this.constant.has(address)) return true;
    const blocks = this.free.get(size);
    if (blocks === undefined) this.free.set(size, [address]);
    else blocks.push(address);
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
  get scratch(): readonly { readonly address: number; readonly bytes: number }[] {
    return [...this.givenBack].map((address) => ({ address, bytes: this.taken.get(address) ?? 0 }));
  }
}
