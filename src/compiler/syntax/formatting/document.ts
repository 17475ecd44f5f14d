/**
 * A text whose line ends are not settled yet, after Wadler, "A prettier printer" (1998): a group is printed on one line
 * if it fits there, otherwise all of its own lines are broken.
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

/** What a document says about the groups that it stands in. */
interface Shape {
  /** It cannot stand on one line. */
  readonly breaks: boolean;
  /** It has lines that the group around it may break; those of a group inside are its own. */
  readonly hasLines: boolean;
  /** It leaves a comment that goes to the end of the line. */
  readonly hasSuffix: boolean;
  /** How wide it is on one line, without comments at its end. */
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
    // A comment to the end of the line stays with what it follows only if the next line end is one.
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

/** A line end if the group is broken, else `flat`. */
export function line(flat: string): Document {
  return { kind: 'line', flat, shape: { ...plain, hasLines: true, width: flat.length } };
}

/** A line end in any case. */
export function newline(blank: boolean): Document {
  return { kind: 'newline', blank, shape: { ...plain, breaks: true, hasLines: true } };
}

/** A comment for the end of the line, wherever that comes to be. */
export function suffix(comment: string): Document {
  return { kind: 'suffix', text: comment, shape: { ...plain, hasSuffix: true } };
}

/** What stands only in a broken group, such as the last comma. */
export function ifBroken(content: string): Document {
  return { kind: 'if-broken', text: content, shape: plain };
}

/** Remembers a place in the line, so that neighbouring lines can be brought into one column. */
export function column(name: string): Document {
  return { kind: 'column', name, shape: plain };
}

export const nothing: Document = text('');
