/**
 * A text with undecided line breaks, after Wadler, "A prettier printer" (1998): a group is printed on one line if it
 * fits, otherwise all of its own line breaks are taken.
 */
export type Document =
  | { readonly kind: 'text'; readonly text: string; readonly shape: Shape }
  | { readonly kind: 'concat'; readonly parts: readonly Document[]; readonly shape: Shape }
  | { readonly kind: 'indent'; readonly content: Document; readonly shape: Shape }
  | { readonly kind: 'group'; readonly content: Document; readonly shape: Shape }
  | { readonly kind: 'line'; readonly flat: string; readonly shape: Shape }
  | { readonly kind: 'newline'; readonly blank: boolean; readonly shape: Shape }
  | { readonly kind: 'suffix'; readonly text: string; readonly shape: Shape }
  | { readonly kind: 'if-broken'; readonly text: string; readonly shape: Shape }
  | { readonly kind: 'column'; readonly name: string; readonly shape: Shape };

/** Properties of a document that its groups depend on. */
interface Shape {
  /** It can't be printed on one line. */
  readonly breaks: boolean;
  /** It has line breaks for the enclosing group to take; those of inner groups don't count. */
  readonly hasLines: boolean;
  /** It ends with a comment that extends to the end of the line. */
  readonly hasSuffix: boolean;
  /** Width on one line, without trailing comments. */
  readonly width: number;
}

const plain: Shape = { breaks: false, hasLines: false, hasSuffix: false, width: 0 };

export function text(content: string): Document {
  return { kind: 'text', text: content, shape: { ...plain, breaks: content.includes('\n'), width: content.length } };
}

export function concat(parts: readonly Document[]): Document {
  let [breaks, hasLines, hasSuffix] = [false, false, false];
  let width = 0;
  for (const { shape } of parts) {
    width += shape.width;
    // A comment to the end of the line stays with its token only if the next line break is taken.
    breaks ||= shape.breaks || (hasSuffix && shape.hasLines);
    hasLines ||= shape.hasLines;
    hasSuffix ||= shape.hasSuffix;
  }
  return { kind: 'concat', parts, shape: { breaks, hasLines, hasSuffix, width } };
}

export function indent(content: Document): Document {
  return { kind: 'indent', content, shape: content.shape };
}

export function group(content: Document): Document {
  return { kind: 'group', content, shape: { ...content.shape, hasLines: false } };
}

/** A line break if the group is broken, else `flat`. */
export function line(flat: string): Document {
  return { kind: 'line', flat, shape: { ...plain, hasLines: true, width: flat.length } };
}

/** An unconditional line break. */
export function newline(blank: boolean): Document {
  return { kind: 'newline', blank, shape: { ...plain, breaks: true, hasLines: true } };
}

/** A comment to be moved to the end of the line. */
export function suffix(comment: string): Document {
  return { kind: 'suffix', text: comment, shape: { ...plain, hasSuffix: true } };
}

/** Printed only in a broken group, such as a trailing comma. */
export function ifBroken(content: string): Document {
  return { kind: 'if-broken', text: content, shape: plain };
}

/** Marks a column in the line, to be aligned with neighbouring lines. */
export function column(name: string): Document {
  return { kind: 'column', name, shape: plain };
}

export const nothing: Document = text('');
