import { memoryText } from '../../../compiler/ir/memory.js';
import { byteText } from '../../../files/read-file.js';
import { type AddressSpace, addressSpace, isWithoutTrapHandler, withoutTrapHandler } from '../address-space.js';
import { reservable } from '../most-memory.js';
import { FreeBlocks } from './free-blocks.js';
import { RecordedBlocks } from './recorded-blocks.js';

/** Bytes of a WebAssembly page. */
const PAGE = 65536;
/** What the memory begins with, and the least that can be called one. */
const FIRST_PAGES = 256;
/** Kernels may read up to one vector beyond the end of a tensor. */
const GUARD = 64;

/** The backend cannot have the memory it needs. */
export class MemoryExhaustedError extends Error {
  override readonly name = 'MemoryExhaustedError';
  /** What to do about it. */
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** @throws MemoryExhaustedError where the backend could not start */
export function requireMemory(): void {
  reserve(FIRST_PAGES, addressSpace());
}

/** As large a memory as can be had. Only addresses are reserved; the system gives a page when it is touched. */
function reserveMemory(): ReservedMemory {
  return reserve(Math.max(FIRST_PAGES, Math.floor(reservable() / PAGE)), addressSpace());
}

interface ReservedMemory {
  readonly memory: WebAssembly.Memory;
  /** Bytes that it can grow to. */
  readonly most: number;
}

function reserve(most: number, space: AddressSpace | null): ReservedMemory {
  let refusal: unknown;
  // With guard regions all memories take as many addresses.
  const least = isWithoutTrapHandler() ? FIRST_PAGES : most;
  for (let maximum = most; maximum >= least; maximum = Math.floor(maximum / 2)) {
    try {
      const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared: true });
      return { memory, most: maximum * PAGE };
    } catch (cause) {
      refusal = cause;
    }
  }
  const limit = space === null ? '' : `: \`ulimit -v\` allows ${byteText(space.limit)} of addresses`;
  const flag = isWithoutTrapHandler() ? '' : `, start Node with ${withoutTrapHandler}`;
  throw new MemoryExhaustedError(
    `the simd backend can reserve no memory${limit}`,
    `raise the limit (\`ulimit -v unlimited\`)${flag}, or choose a backend with other bits: --backend cpu`,
    { cause: refusal },
  );
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
  private readonly most: number;
  private readonly free = new FreeBlocks();
  private top: number;
  private held = 0;
  private recorded: RecordedBlocks | null = null;

  /** Bytes below `start` belong to the caller. Throws `MemoryExhaustedError` where no memory can be reserved. */
  constructor(start: number) {
    const { memory, most } = reserveMemory();
    this.memory = memory;
    this.most = most;
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

  /** Gives back what a recording had: memory that may be cut in other ways than it was allocated. */
  releasePiece(address: number, bytes: number): void {
    this.held -= bytes;
    this.free.put(address, bytes);
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
    // A quarter more than needed, so that growth is rare, where that can be had.
    const generous = Math.max(missing, Math.floor(this.floats.byteLength / PAGE / 4));
    if (!this.grows(generous) && !this.grows(missing)) {
      throw new MemoryExhaustedError(
        `training needs at least ${memoryText(needed)} of memory, and ${this.limitText(needed)}`,
        'lower batch, or make the images or the layers smaller',
      );
    }
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  private limitText(needed: number): string {
    if (needed > this.most) return `there are ${memoryText(this.most)} for it`;
    return `the system gives no more than ${memoryText(this.floats.byteLength)} for it`;
  }

  private grows(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }
}

/** The block size for a request: a multiple of 64; above 1 KiB one of eight sizes per power of two. */
function sizeClass(bytes: number): number {
  if (bytes <= 1024) return Math.max(64, (bytes + 63) & ~63);
  const step = 2 ** (31 - Math.clz32(bytes - 1) - 3);
  return Math.ceil(bytes / step) * step;
}
