import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { meantName, someOf } from '../diagnostics/suggest.js';
import type { Evaluated } from '../evaluate/evaluated.js';
import type { LayerReference } from '../ir/value.js';
import type { Identifier } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/** The labels seen so far, with the layers they refer to. */
export class Labels {
  /** Labels of invalid layers; references to them report nothing further. */
  readonly #broken = new Set<string>();
  readonly #layers = new Map<
    string,
    { readonly reference: LayerReference; readonly heads: readonly string[]; readonly span: Span }
  >();

  declare(
    label: Identifier,
    reference: LayerReference,
    heads: readonly string[],
    collector: DiagnosticCollector,
  ): void {
    const before = this.#layers.get(label.name);
    if (before) {
      collector.error('AE203', `two layers are labelled '${label.name}'`, label.span, {
        related: [{ span: before.span, message: 'first occurrence here' }],
      });
    } else this.#layers.set(label.name, { reference, heads, span: label.span });
  }

  /** Declares `code`, the encoder's output, whether or not a layer is labelled so. */
  declareCode(reference: LayerReference, heads: readonly string[], span: Span): void {
    if (!this.#layers.has('code')) this.#layers.set('code', { reference, heads, span });
  }

  declareBroken(label: string): void {
    this.#broken.add(label);
  }

  /** Finds the layer that `on=h1` or `on=z.mu` names; null after reporting why there is none. */
  find(value: Evaluated, collector: DiagnosticCollector): LayerReference | null {
    if (value.type === 'unknown') return null;
    if (value.type !== 'symbol' && value.type !== 'member') {
      collector.error('AE305', "this must be a layer's label", value.span);
      return null;
    }
    const labelled = this.#layers.get(value.name);
    if (!labelled && this.#broken.has(value.name)) return null;
    if (!labelled) {
      collector.error('AE211', `no layer is labelled '${value.name}'`, value.span, () => {
        const names = [...this.#layers.keys()];
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
}
