import type { Rect } from '../layout.js';
import { fitted, type Line, line, type Span, span, truncated, widthOf } from './line.js';

/** A frame with a title and, at the right, a note; what is in it is cut or filled to fit exactly. */
export function boxed(rect: Rect, title: Line, note: Line, content: readonly Line[]): readonly Line[] {
  const { width, height } = rect;
  if (height < 2 || width < 6) return Array.from({ length: height }, () => fitted([], width));
  const inner = width - 2;
  const edge = span('│', { fg: 'frame' });
  const rows = Array.from({ length: height - 2 }, (_, i) => [edge, ...fitted(content[i] ?? [], inner), edge]);
  return [top(title, note, width), ...rows, line(span(`╰${'─'.repeat(inner)}╯`, { fg: 'frame' }))];
}

/** Cells inside of a frame. */
export function inside({ width, height }: Rect): { readonly width: number; readonly height: number } {
  return { width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

function top(title: Line, note: Line, width: number): Line {
  const frame = (text: string): Span => span(text, { fg: 'frame' });
  const room = width - 4;
  const name = widthOf(title) > room - 2 ? fitted(title, Math.max(0, room - 2)) : title;
  const left = room - 2 - widthOf(name);
  const shown = widthOf(note) > 0 && widthOf(note) + 3 <= left ? note : [];
  const noteCells = shown.length === 0 ? 0 : widthOf(shown) + 2;
  return [
    frame('╭─'),
    frame(' '),
    ...name,
    frame(` ${'─'.repeat(Math.max(0, left - noteCells))}`),
    ...(shown.length === 0 ? [] : [frame(' '), ...shown, frame(' ')]),
    frame('─╮'),
  ];
}

/** Heading of a pane. */
export function heading(text: string, width = 200): Line {
  return [span(truncated(text, width), { fg: 'text', bold: true })];
}

/** `name  value` in two columns. */
export function fact(name: string, value: Line, nameWidth: number): Line {
  return [span(name.padEnd(nameWidth), { fg: 'muted' }), ...value];
}
