import type { PreviewPicture } from '../../../runtime/store/sweep-vocabulary.js';
import type { Rect } from '../layout.js';

/** How a terminal draws pictures of its own; `none`: half blocks are drawn. */
export type Graphics =
  | { readonly kind: 'none' }
  | { readonly kind: 'kitty' }
  /** With the pixels of a cell, which a picture's size is made from. */
  | { readonly kind: 'sixel'; readonly cellWidth: number; readonly cellHeight: number };

export interface ProbedInput {
  on(event: 'data', listener: (data: Buffer | string) => void): unknown;
  off(event: 'data', listener: (data: Buffer | string) => void): unknown;
  setRawMode(raw: boolean): unknown;
  pause(): unknown;
  resume(): unknown;
  unshift(data: Buffer): void;
}

// A picture of one pixel to be judged only (Kitty), the size of a cell, the attributes of the terminal. Every terminal
// answers the last, so that there is an end.
const question = '\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c';

/** What a terminal says that it can; after `patience` milliseconds without an end of its answer: none. */
export function probeGraphics(
  input: ProbedInput,
  output: { write(text: string): boolean },
  patience: number,
): Promise<Graphics> {
  return new Promise((resolve) => {
    let answer = '';
    const finish = () => {
      clearTimeout(timer);
      input.off('data', listen);
      input.pause();
      const { graphics, rest } = understood(answer);
      // What was typed meanwhile is for the dashboard.
      if (rest !== '') input.unshift(Buffer.from(rest, 'latin1'));
      resolve(graphics);
    };
    const listen = (data: Buffer | string) => {
      answer += typeof data === 'string' ? data : data.toString('latin1');
      if (attributes.test(answer)) finish();
    };
    const timer = setTimeout(finish, patience);
    input.setRawMode(true);
    input.on('data', listen);
    input.resume();
    output.write(question);
  });
}

// The escape characters are written as \x1b in strings and built into patterns from there.
const esc = '\x1b';
const attributes = new RegExp(`${esc}\\[\\?([0-9;]*)c`);
const kittyAnswer = new RegExp(`${esc}_G[^${esc}]*${esc}\\\\`);
const cellSize = new RegExp(`${esc}\\[6;([0-9]+);([0-9]+)t`);

/** What an answer says, and what of it was no answer. */
export function understood(answer: string): { readonly graphics: Graphics; readonly rest: string } {
  const kitty = kittyAnswer.exec(answer)?.[0].includes(';OK') ?? false;
  const [, height, width] = cellSize.exec(answer) ?? [];
  const sixel = attributes.exec(answer)?.[1]?.split(';').slice(1).includes('4') ?? false;
  const rest = answer.replace(attributes, '').replace(kittyAnswer, '').replace(cellSize, '');
  if (kitty) return { graphics: { kind: 'kitty' }, rest };
  const [cellWidth, cellHeight] = [Number(width ?? 0), Number(height ?? 0)];
  if (sixel && cellWidth > 0 && cellHeight > 0) return { graphics: { kind: 'sixel', cellWidth, cellHeight }, rest };
  return { graphics: { kind: 'none' }, rest };
}

/** What takes all pictures away; a Sixel picture goes when its cells are written. */
export function removalOf(graphics: Graphics): string {
  return graphics.kind === 'kitty' ? '\x1b_Ga=d,d=A,q=2\x1b\\' : '';
}

/** Bytes that a part of a Kitty picture has at most. */
const chunk = 4096;

/**
 * A picture in at most the given cells, as Kitty's graphics protocol wants it (Goyal, "Terminal graphics protocol"): RGB in
 * base64, in parts; the cursor stays.
 */
export function kittySequence({ width, height, rgb }: PreviewPicture, { width: columns, height: rows }: Rect): string {
  // A cell is about twice as high as wide.
  const scale = Math.min(columns / width, (rows * 2) / height);
  const [across, down] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor((height * scale) / 2))];
  const data = Buffer.from(rgb).toString('base64');
  const parts: string[] = [];
  for (let i = 0; i < data.length; i += chunk) {
    const more = i + chunk < data.length ? 1 : 0;
    const head = i === 0 ? `a=T,f=24,s=${width},v=${height},c=${across},r=${down},C=1,q=2,m=${more}` : `m=${more}`;
    parts.push(`\x1b_G${head};${data.slice(i, i + chunk)}\x1b\\`);
  }
  return parts.join('');
}
