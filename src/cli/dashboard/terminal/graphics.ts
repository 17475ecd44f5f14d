import type { PreviewPicture } from '../../../api/events.js';
import { sixelSequence } from './sixel.js';

/** A size in cells. */
export interface Cells {
  readonly width: number;
  readonly height: number;
}

/** The terminal's graphics protocol; `none` means half blocks. */
export type Graphics =
  | { readonly kind: 'none' }
  | { readonly kind: 'kitty' }
  /** The size of a cell in pixels determines a picture's size. */
  | { readonly kind: 'sixel'; readonly cellWidth: number; readonly cellHeight: number };

export interface ProbedInput {
  on(event: 'data', listener: (data: Buffer | string) => void): unknown;
  off(event: 'data', listener: (data: Buffer | string) => void): unknown;
  setRawMode(raw: boolean): unknown;
  pause(): unknown;
  resume(): unknown;
  unshift(data: Buffer): void;
}

// Queries: a one-pixel picture (Kitty), the cell size, and the device attributes, which every terminal answers, so the
// answer has an end.
const question = '\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c';

/** Queries the terminal's abilities; `none` if the answer is not complete within `patience` milliseconds. */
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
      // Keys typed meanwhile go to the dashboard.
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

// Patterns are built from this constant, so that no control character is in the source.
const esc = '\x1b';
const attributes = new RegExp(`${esc}\\[\\?([0-9;]*)c`);
const kittyAnswer = new RegExp(`${esc}_G[^${esc}]*${esc}\\\\`);
const cellSize = new RegExp(`${esc}\\[6;([0-9]+);([0-9]+)t`);

/** Parses an answer; `rest` is what was not part of it. */
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

export interface CellPosition {
  /** In cells from the upper left. */
  readonly x: number;
  readonly y: number;
}

/** Escape sequences for a picture; they leave the cursor in place. */
export interface TerminalPicture {
  readonly first: (place: CellPosition) => string;
  /** Redraws it after its cells were overwritten, or at another place. */
  readonly again: (place: CellPosition) => string;
  readonly removal: (place: CellPosition) => string;
}

/** Encodes a picture for the terminal, within the given cells. */
export function terminalPicture(picture: PreviewPicture, cells: Cells, graphics: Graphics): TerminalPicture {
  const at = ({ x, y }: CellPosition, text: string) => `\x1b7\x1b[${y + 1};${x + 1}H${text}\x1b8`;
  switch (graphics.kind) {
    case 'kitty': {
      const id = nextImage++;
      return {
        first: (place) => at(place, kittySequence(picture, cells, id)),
        again: (place) => at(place, kitty(`a=p,i=${id},p=1,${kittySize(picture, cells)},C=1,q=2`)),
        removal: () => kitty(`a=d,d=I,i=${id},q=2`),
      };
    }
    case 'sixel': {
      const sequence = sixelSequence(picture, cells, graphics);
      const draw = (place: CellPosition) => at(place, sequence);
      const blank = ' '.repeat(cells.width);
      const rows = Array.from({ length: cells.height }, (_, row) => row);
      return {
        first: draw,
        again: draw,
        removal: ({ x, y }) => rows.map((row) => at({ x, y: y + row }, blank)).join(''),
      };
    }
    case 'none':
      return { first: () => '', again: () => '', removal: () => '' };
  }
}

/** Kitty images are numbered; other programs may use low numbers. */
let nextImage = 0xae0000;

/** Most bytes per chunk of a Kitty picture. */
const chunk = 4096;

/** Encodes a picture for Kitty's graphics protocol (Goyal, "Terminal graphics protocol"): RGB in base64, in chunks. */
export function kittySequence(picture: PreviewPicture, cells: Cells, id: number): string {
  const data = Buffer.from(picture.rgb).toString('base64');
  const parts: string[] = [];
  for (let i = 0; i < data.length; i += chunk) {
    const more = `m=${i + chunk < data.length ? 1 : 0}`;
    const size = `s=${picture.width},v=${picture.height},${kittySize(picture, cells)}`;
    const head = i === 0 ? `a=T,i=${id},p=1,f=24,${size},C=1,q=2,${more}` : more;
    parts.push(kitty(`${head};${data.slice(i, i + chunk)}`));
  }
  return parts.join('');
}

function kittySize({ width, height }: PreviewPicture, { width: columns, height: rows }: Cells): string {
  // Cells are about twice as high as wide.
  const scale = Math.min(columns / width, (rows * 2) / height);
  return `c=${Math.max(1, Math.floor(width * scale))},r=${Math.max(1, Math.floor((height * scale) / 2))}`;
}

function kitty(command: string): string {
  return `\x1b_G${command}\x1b\\`;
}
