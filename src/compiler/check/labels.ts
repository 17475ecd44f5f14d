import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { meantName, someOf } from '../diagnostics/suggest.js';
import type { Evaluated } from '../evaluate/evaluated.js';
import type { NetworkEnd } from '../ir/formula.js';
import { inputReference, type LayerReference } from '../ir/value.js';
import type { Identifier } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/** The labels seen so far, with the layers they refer to. */
export class Labels {
  /** Labels of invalid layers; references to them report nothing further. */
  readonly #broken = new Set<string>();
  readonly #layers = new Map<string, Labelled>();
  /** Labels in the braces and blocks that are being checked, from the outermost. */
  readonly #scopes: Scope[] = [];
  /** Labels that are known in braces alone, with the word before the braces. */
  readonly #hidden = new Map<string, string>();

  /** Labels of the block being checked, of layers yet to come as well. */
  readonly #written = new Set<string>();

  /** The decoder's output. A layer that is labelled so is meant where the name is written. */
  #output: Labelled | null = null;

  /** Whether labels are being declared that only their braces know. */
  get areHidden(): boolean {
    return this.#scopes.length > 0;
  }

  /**
   * Keeps labels that are declared meanwhile to the braces they are in.
   * @param owner the word before the braces, or the name of the block
   * @param block where the block is defined; null for braces, whose layers know the labels around them
   */
  hidden<T>(owner: string, block: Span | null, declaring: () => T): T {
    const scope: Scope = { labels: new Map(), home: block ?? this.#home };
    this.#scopes.push(scope);
    const result = declaring();
    this.#scopes.pop();
    for (const name of scope.labels.keys()) this.#hidden.set(name, owner);
    return result;
  }

  /** The block whose layers are being declared; null for those of the experiment itself. */
  get #home(): Span | null {
    return this.#scopes.at(-1)?.home ?? null;
  }

  declare(
    label: Identifier,
    reference: LayerReference,
    heads: readonly string[],
    collector: DiagnosticCollector,
  ): void {
    const before = this.#labelled(label.name, this.#home);
    if (before) {
      collector.error('AE203', `two layers are labelled '${label.name}'`, label.span, {
        related: [{ span: before.span, message: 'first occurrence here' }],
      });
    } else (this.#scopes.at(-1)?.labels ?? this.#layers).set(label.name, { reference, heads, span: label.span });
  }

  /** Declares `code`, the encoder's output, whether or not a layer is labelled so. */
  declareCode(reference: LayerReference, heads: readonly string[], span: Span): void {
    if (!this.#layers.has('code')) this.#layers.set('code', { reference, heads, span });
  }

  /** Declares `output`, the decoder's. */
  declareOutput(reference: LayerReference, heads: readonly string[], span: Span): void {
    this.#output = { reference, heads, span };
  }

  /** The encoder's output or the decoder's, whatever is labelled so; null after an error. */
  end(name: NetworkEnd, span: Span, collector: DiagnosticCollector): LayerReference | null {
    if (name === 'output') return this.#output?.reference ?? null;
    return this.find({ type: 'symbol', name, span }, collector);
  }

  /** Makes the labels of a whole block known, so that a layer that names a later one can be told so. */
  announce(labels: readonly string[]): void {
    for (const label of labels) this.#written.add(label);
  }

  declareBroken(label: string): void {
    this.#broken.add(label);
  }

  /** Finds the layer that `on=h1` or `on=z.mu` names; null after reporting why there is none. */
  find(value: Evaluated, collector: DiagnosticCollector, allowsInput = false): LayerReference | null {
    if (value.type === 'unknown') return null;
    if (allowsInput && value.type === 'symbol' && value.name === 'input') return inputReference;
    if (value.type !== 'symbol' && value.type !== 'member') {
      collector.error('AE305', "this must be a layer's label", value.span);
      return null;
    }
    const home = this.#scopes.findLast((scope) => scope.home && contains(scope.home, value.span))?.home ?? null;
    const labelled = this.#labelled(value.name, home) ?? (value.name === 'output' ? this.#output : null);
    if (!labelled && this.#broken.has(value.name)) return null;
    if (!labelled) {
      collector.error('AE211', `no layer is labelled '${value.name}'`, value.span, () => {
        const owner = this.#hidden.get(value.name);
        if (owner !== undefined && home === null) {
          return {
            hint: `it is known in the braces of '${owner}' alone: to name what comes out, label '${owner}' itself`,
          };
        }
        if (home === null && this.#written.has(value.name))
          return { hint: `only an earlier layer can be named, and '${value.name}' does not come before this one` };
        const own = this.#scopes.filter((scope) => scope.home === home).flatMap(({ labels }) => [...labels.keys()]);
        const names = [...(home === null ? this.#layers.keys() : []), ...own];
        return { hint: meantName(value.name, names) ?? (names.length > 0 ? `there are ${someOf(names)}` : null) };
      });
      return null;
    }
    if (value.type === 'symbol') return labelled.reference;
    if (!labelled.heads.includes(value.member)) {
      collector.error('AE211', `the layer '${value.name}' has no '${value.member}'`, value.span, {
        hint: labelled.heads.length > 0 ? `it has ${labelled.heads.join(' and ')}` : null,
      });
      return null;
    }
    return { ...labelled.reference, head: value.member };
  }

  /** @param home the block that the name is written in: a name means a layer of the same text */
  #labelled(name: string, home: Span | null): Labelled | undefined {
    const scope = this.#scopes.findLast((each) => each.home === home && each.labels.has(name));
    return scope?.labels.get(name) ?? (home === null ? this.#layers.get(name) : undefined);
  }
}

interface Scope {
  readonly labels: Map<string, Labelled>;
  /** The definition of the block that the labels are written in; null in an experiment. */
  readonly home: Span | null;
}

function contains(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

interface Labelled {
  readonly reference: LayerReference;
  readonly heads: readonly string[];
  readonly span: Span;
}
