interface Span {
  address: number;
  size: number;
}

/** Free memory: blocks by exact size, since sizes mostly recur, and merged spans for all other requests. */
export class FreeBlocks {
  private readonly bySize = new Map<number, number[]>();
  /** Ascending and never adjacent. */
  private spans: Span[] = [];
  private total = 0;

  put(address: number, size: number): void {
    this.total += size;
    const blocks = this.bySize.get(size);
    if (blocks === undefined) this.bySize.set(size, [address]);
    else blocks.push(address);
  }

  /** Takes a block of this size; undefined if there is none. */
  take(size: number): number | undefined {
    if (this.total < size) return undefined;
    const address = this.bySize.get(size)?.pop() ?? this.cut(size) ?? this.cutJoined(size);
    if (address !== undefined) this.total -= size;
    return address;
  }

  /** Takes the free span directly below `top`. Returns its start, or `top` if there is none. */
  takeLast(top: number): number {
    const last = this.spans.at(-1);
    if (last === undefined || last.address + last.size !== top) return top;
    this.spans.pop();
    this.total -= last.size;
    return last.address;
  }

  /** All free memory, in as few pieces as possible. */
  pieces(): readonly Readonly<Span>[] {
    this.join();
    return this.spans;
  }

  /** Cuts from the smallest span that is large enough. */
  private cut(size: number): number | undefined {
    let best: Span | undefined;
    for (const span of this.spans) if (span.size >= size && span.size < (best?.size ?? Infinity)) best = span;
    if (best === undefined) return undefined;
    const { address } = best;
    best.address += size;
    best.size -= size;
    if (best.size === 0) this.spans.splice(this.spans.indexOf(best), 1);
    return address;
  }

  private cutJoined(size: number): number | undefined {
    this.join();
    return this.cut(size);
  }

  private join(): void {
    const blocks = [...this.bySize].flatMap(([bytes, addresses]) =>
      addresses.map((address): Span => ({ address, size: bytes })),
    );
    this.bySize.clear();
    const joined: Span[] = [];
    for (const span of [...this.spans, ...blocks].sort((a, b) => a.address - b.address)) {
      const last = joined.at(-1);
      if (last !== undefined && last.address + last.size === span.address) last.size += span.size;
      else joined.push({ ...span });
    }
    this.spans = joined;
  }
}
