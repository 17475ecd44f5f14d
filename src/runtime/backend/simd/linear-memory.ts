import { byteText } from '../../../files/read-file.js';
import { memoryText } from '../../../text/number-text.js';
import { type AddressSpace, addressSpace, isWithoutTrapHandler, withoutTrapHandler } from '../address-space.js';
import { reservable } from '../most-memory.js';
import { FreeBlocks } from './free-blocks.js';
import { RecordedBlocks } from './recorded-blocks.js';

/** Bytes of a WebAssembly page. */
const PAGE = 65536;
/** Initial size of the memory, and the least that is usable. */
const FIRST_PAGES = 256;
/** Kernels may read up to one vector past the end of a tensor. */
const GUARD = 64;

/** The backend can't get the memory it needs. */
export class MemoryExhaustedError extends Error {
  override readonly name = 'MemoryExhaustedError';
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** @throws MemoryExhaustedError if the backend could not start */
export function requireMemory(): void {
  reserve(FIRST_PAGES, addressSpace());
}

/**
 * Reserves as large a memory as possible. Only addresses are reserved; the system commits a page when it is touched.
 */
function reserveMemory(): ReservedMemory {
  return reserve(Math.max(FIRST_PAGES, Math.floor(reservable() / PAGE)), addressSpace());
}

interface ReservedMemory {
  readonly memory: WebAssembly.Memory;
  /** Size that it can grow to, in bytes. */
  readonly most: number;
}

function reserve(most: number, space: AddressSpace | null): ReservedMemory {
  let refusal: unknown;
  // With guard regions every memory takes the same address space.
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
    `the simd backend cannot reserve memory${limit}`,
    `raise the limit (\`ulimit -v unlimited\`)${flag}, or choose another backend, whose results differ in the last bits: --backend cpu`,
    { cause: refusal },
  );
}

/**
 * The shared memory of the kernels, with an allocator.
 *
 * Freed blocks are reused, so a training step with the same shapes as the previous one takes no new memory, and a stage
 * reuses that of the previous one. Addresses are multiples of 64.
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

  /** Bytes below `start` belong to the caller. Throws `MemoryExhaustedError` if no memory can be reserved. */
  constructor(start: number) {
    const { memory, most } = reserveMemory();
    this.memory = memory;
    this.most = most;
    this.top = sizeClass(start);
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  /** Bytes in allocated blocks, including rounding. */
  get bytesInUse(): number {
    return this.held;
  }

  /** Bytes taken so far, free blocks included; never shrinks. */
  get bytesReserved(): number {
    return this.top;
  }

  /** Allocates a block of at least `bytes` bytes with arbitrary content. */
  allocate(bytes: number): number {
    return this.recorded?.reuse(sizeClass(bytes)) ?? this.take(bytes);
  }

  /**
   * Allocates a block for values from the host. A replay doesn't rewrite them, so nothing else in the recording may use
   * the block, before or after.
   */
  allocateConstant(bytes: number): number {
    const address = this.take(bytes);
    this.recorded?.keepConstant(address);
    return address;
  }

  /** Frees a block of `allocate(bytes)`. */
  release(address: number, bytes: number): void {
    const size = sizeClass(bytes);
    if (this.recorded?.give(address, size) === true) return;
    this.held -= size;
    this.free.put(address, size);
  }

  /** Frees memory of a recording, which may be divided differently from how it was allocated. */
  releasePiece(address: number, bytes: number): void {
    this.held -= bytes;
    this.free.put(address, bytes);
  }

  /** From now on, blocks that are allocated and freed stay with the recording, until they are released to it. */
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
    // Grow by a quarter more than needed if possible, so that growth is rare.
    const generous = Math.max(missing, Math.floor(this.floats.byteLength / PAGE / 4));
    if (!this.grows(generous) && !this.grows(missing)) {
      throw new MemoryExhaustedError(
        `training needs at least ${memoryText(needed)} of memory, but ${this.limitText(needed)}`,
        'lower batch, or make the images or the layers smaller',
      );
    }
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  private limitText(needed: number): string {
    if (needed > this.most) return `only ${memoryText(this.most)} is available`;
    return `the system provides only ${memoryText(this.floats.byteLength)}`;
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

/** Block size for a request: a multiple of 64; above 1 KiB, one of eight sizes per power of two. */
function sizeClass(bytes: number): number {
  if (bytes <= 1024) return Math.max(64, (bytes + 63) & ~63);
  const step = 2 ** (31 - Math.clz32(bytes - 1) - 3);
  return Math.ceil(bytes / step) * step;
}
