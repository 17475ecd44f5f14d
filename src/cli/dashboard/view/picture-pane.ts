import type { PictureMoment, PreviewPicture } from '../../../runtime/store/sweep-vocabulary.js';
import { hasEnded } from '../../../runtime/store/sweep-vocabulary.js';
import type { Rect } from '../layout.js';
import { selectedTrial } from '../state/state.js';
import { boxed, heading, inside } from './box.js';
import { halfBlocks } from './half-blocks.js';
import { aligned, fitted, type Line, span } from './line.js';
import type { Model } from './model.js';
import { laidOut, tileLayout } from './tile-sheet.js';

/** A picture with the cells it is drawn in, from the upper left of the screen. */
export interface PlacedPicture {
  readonly picture: PreviewPicture;
  readonly rect: Rect;
}

/** Where the pictures of the selected trial are within a pane, below their names. */
export function placedPictures({ state }: Model, rect: Rect): readonly PlacedPicture[] {
  const { width, height } = inside(rect);
  const all = (selectedTrial(state)?.pictures?.all ?? []).filter((picture) => picture.width > 0 && picture.height > 0);
  if (all.length === 0 || height < 3 || width < 6) return [];
  const shown = all.slice(0, Math.max(1, Math.max(Math.floor(width / 12), Math.floor(height / 5))));
  const sideBySide =
    leastScale(shown, width / shown.length, height - 1) >= leastScale(shown, width, height / shown.length - 1);
  return shown.map((picture, i) => {
    const from = (size: number) => Math.floor((size * i) / shown.length);
    const size = (whole: number) => Math.floor((whole * (i + 1)) / shown.length) - from(whole);
    const cell = sideBySide
      ? { x: from(width), y: 0, width: size(width) - (i < shown.length - 1 ? 1 : 0), height }
      : { x: 0, y: from(height), width, height: size(height) };
    return {
      picture,
      rect: { x: rect.x + 1 + cell.x, y: rect.y + 2 + cell.y, width: cell.width, height: cell.height - 1 },
    };
  });
}

/** How much of its size the picture has that is shrunk or cut most, in cells of two pixels each. */
function leastScale(pictures: readonly PreviewPicture[], columns: number, rows: number): number {
  const scales = pictures.map(({ width, height, tiles }) => {
    if (tiles === null) return Math.min(columns / width, (rows * 2) / height);
    const { scale, shown } = tileLayout(tiles, columns, rows * 2);
    return scale * Math.sqrt(shown / tiles.count);
  });
  return Math.min(...scales);
}

/** The latest filters and reconstructions of the selected trial. With `graphics` the terminal draws them itself. */
export function picturePane(model: Model, rect: Rect, graphics: boolean): readonly Line[] {
  const { state, theme } = model;
  const trial = selectedTrial(state);
  const { width, height } = inside(rect);
  const placed = placedPictures(model, rect);
  const moment = trial?.pictures?.moment;
  const note: Line = moment === undefined ? [] : [span(momentText(moment), { fg: 'muted' })];
  const title = heading(trial === null ? 'pictures' : `pictures of trial ${trial.trial}`);
  if (placed.length === 0)
    return boxed(rect, title, note, [[span(aligned(nothing(model), width, 'start'), { fg: 'muted' })]]);
  const rows: Line[] = Array.from({ length: height }, () => []);
  for (const { picture, rect: cells } of placed) {
    const left = cells.x - rect.x - 1;
    const top = cells.y - rect.y - 1;
    const put = (row: number, content: Line) => {
      if (row >= 0 && row < height) rows[row] = [...fitted(rows[row] ?? [], left), ...fitted(content, cells.width)];
    };
    const layout = picture.tiles === null || graphics ? null : tileLayout(picture.tiles, cells.width, cells.height * 2);
    put(top - 1, pictureHeading(picture, layout?.shown ?? picture.tiles?.count ?? 0, cells.width));
    if (graphics) continue;
    const sheet = picture.tiles && layout ? laidOut(picture, picture.tiles, layout) : null;
    halfBlocks(sheet ?? picture, cells.width, cells.height, theme).forEach((line, i) => {
      put(top + i, line);
    });
  }
  return boxed(rect, title, note, rows);
}

/** The name, and as much of what there is to be said as there is room for. */
function pictureHeading({ name, tiles }: PreviewPicture, shown: number, width: number): Line {
  const title = ` ${name}`;
  const notes = [
    ...(tiles !== null && shown > 0 && shown < tiles.count ? [`the first ${shown}`] : []),
    ...(tiles === null ? [] : (tilesOfGroup[tiles.rows] ?? [])),
  ];
  let text = '';
  for (const note of notes) if (title.length + text.length + 2 + note.length <= width) text += `  ${note}`;
  return [span(title, { fg: 'accent' }), span(text, { fg: 'muted' })];
}

/** By how many tiles there are, one below the other. */
const tilesOfGroup: Readonly<Record<number, readonly string[]>> = {
  2: ['input over output'],
  3: ['input, corrupted, output'],
};

/** @param moment null: the trial's end */
function momentText(moment: PictureMoment | null): string {
  if (moment === null) return 'at the end';
  const { stage, epoch } = moment;
  return `${epoch === 0 ? 'in epoch 1' : `after epoch ${epoch}`}${stage === 'train' ? '' : ` of ${stage}`}`;
}

function nothing({ state }: Model): string {
  const trial = selectedTrial(state)?.state;
  if (trial === undefined || trial === 'queued') return ' none yet';
  if (hasEnded(trial)) return ' this trial left no pictures';
  return state.mode === 'watch' ? ' stored at the end of the trial' : ' none yet: filters, reconstructions';
}
