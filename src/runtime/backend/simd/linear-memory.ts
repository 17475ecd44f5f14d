import { FreeBlocks } from './free-blocks.js';
import { RecordedBlocks } from './recorded-blocks.js';

/** Bytes of a WebAssembly page. */
const PAGE = 65536;
/** 1 GiB: as much as one process may ever hold in tensors; address space only, pages are taken when touched. */
const MAXIMUM_PAGES = 16384;
/** Kernels may read up to one vector beyond the end of a tensor. */
const GUARD = 64;

/** The backend cannot have the memory it needs. */
export class MemoryExhaustedError extends Error {
  override readonly name = 'MemoryExhaustedError';
}

/**
 * The shared memory that kernels see, and an allocator over it.
 *
 * Freed blocks are handed out again, so a training step that repeats the shapes of the step before it takes no new memory,
 * and another stage has that of the one before. Addresses are multiples of 64.
 */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** Views of the whole memory; replaced when it grows. */
  floats: Float32Array;
  ints: Int32Array;
  bytes: Uint8Array;
  private readonly free = new FreeBlocks();
  private top: number;
  private held = 0;
  private recorded: RecordedBlocks | null = null;

  /** Bytes below `start` belong to the caller. Throws `MemoryExhaustedError` where no memory can be reserved. */
  constructor(start: number) {
    try {
      this.memory = new WebAssembly.Memory({ initial: 256, maximum: MAXIMUM_PAGES, shared: true });
    } catch (cause) {
      throw new MemoryExhaustedError('cannot reserve 1 GiB of address space for the simd backend', { cause });
    }
    this.top = sizeClass(start);
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  /** Bytes in blocks that are in use, size classes included. */
  get bytesInUse(): number {
    return this.held;
  }

  /** Bytes taken so far, free blocks included; it never shrinks. */
  get bytesReserved(): number {
    return this.top;
  }

  /** The address of a block of at least `bytes` bytes with arbitrary content. */
  allocate(bytes: number): number {
    return this.recorded?.reuse(sizeClass(bytes)) ?? this.take(bytes);
  }

  /**
   * The same for values from the host. A recording doesn't write them again when it is repeated, so nothing else of it may
   * use the block, before or after.
   */
  allocateConstant(bytes: number): number {
    const address = this.take(bytes);
    this.recorded?.keepConstant(address);
    return address;
  }

  /** Gives back a block of `allocate(bytes)`. */
  release(address: number, bytes: number): void {
    const size = sizeClass(bytes);
    if (this.recorded?.give(address, size) === true) return;
    this.held -= size;
    this.free.put(address, size);
  }

  /**
   * From here on, blocks that are allocated and released again stay with the recording, until `release` is called for them.
   */
  beginRecording(): RecordedBlocks {
    if (this.recorded !== null) throw new Error('a computation that is recorded cannot record another one');
    this.recorded = new RecordedBlocks();
    return this.recorded;
  }

  endRecording(): void {
    this.recorded = null;
  }

  private take(bytes: number): number {
    const size = sizeClass(bytes);
    this.held += size;
    const address = this.free.take(size) ?? this.extend(size);
    this.recorded?.take(address, size);
    return address;
  }

  private extend(size: number): number {
    const address = this.free.takeLast(this.top);
    if (address + size + GUARD > this.floats.byteLength) this.grow(address + size + GUARD);
    this.top = address + size;
    return address;
  }

  private grow(needed: number): void {
    const missing = Math.ceil((needed - this.floats.byteLength) / PAGE);
    // A quarter more than needed, so that growth is rare, as far as the limit allows.
    const generous = Math.max(missing, this.floats.byteLength / PAGE / 4);
    const room = MAXIMUM_PAGES - this.floats.byteLength / PAGE;
    try {
      this.memory.grow(Math.min(generous, room) < missing ? missing : Math.floor(Math.min(generous, room)));
    } catch (cause) {
      throw new MemoryExhaustedError(`the tensors of this program need more than ${needed} bytes`, { cause });
    }
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }
}

/** The block size for a request: a multiple of 64; above 1 KiB one of eight sizes per power of two. */
function sizeClass(bytes: number): number {
  if (bytes <= 1024) return Math.max(64, (bytes + 63) & ~63);
  const step = 2 ** (31 - Math.clz32(bytes - 1) - 3);
  return Math.ceil(bytes / step) * step;
}
