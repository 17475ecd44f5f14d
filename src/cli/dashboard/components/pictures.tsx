import { Box, type DOMElement, useStdout } from 'ink';
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { hasEnded, type PictureTime, type PreviewPicture } from '../../../api/events.js';
import { halfBlocks } from '../drawing/half-blocks.js';
import { span } from '../drawing/line.js';
import { laidOut, tileLayout } from '../drawing/tile-sheet.js';
import { type DashboardState, selectedTrial } from '../state/state.js';
import { type Graphics, terminalPicture } from '../terminal/graphics.js';
import { useModel } from './model.js';
import { inside, Pane, type Size } from './pane.js';
import { Canvas, Remark, Row, ThemeContext } from './text.js';

export const GraphicsContext = createContext<Graphics>({ kind: 'none' });

/** The latest filters and reconstructions of the selected trial. */
export function PicturePane(size: Size) {
  const { state } = useModel();
  const trial = selectedTrial(state);
  const { width, height } = inside(size);
  const moment = trial?.pictures?.moment;
  const pictures = shownPictures(trial?.pictures?.all ?? [], width, height);
  const beside = areBeside(pictures, width, height);
  const share = (whole: number, i: number) =>
    Math.floor((whole * (i + 1)) / pictures.length) - Math.floor((whole * i) / pictures.length);
  return (
    <Pane
      {...size}
      title={trial === null ? 'pictures' : `pictures of trial ${trial.trial}`}
      note={moment === undefined ? '' : momentText(moment)}
    >
      {pictures.length === 0 && <Remark>{nothing(state)}</Remark>}
      <Box flexDirection={beside ? 'row' : 'column'}>
        {pictures.map((picture, i) => (
          <Picture
            key={picture.name}
            picture={picture}
            width={beside ? share(width, i) - (i < pictures.length - 1 ? 1 : 0) : width}
            height={beside ? height : share(height, i)}
            gap={beside && i < pictures.length - 1}
          />
        ))}
      </Box>
    </Pane>
  );
}

function shownPictures(all: readonly PreviewPicture[], width: number, height: number): readonly PreviewPicture[] {
  if (height < 3 || width < 6) return [];
  return all
    .filter((picture) => picture.width > 0 && picture.height > 0)
    .slice(0, Math.max(1, Math.floor(width / 12), Math.floor(height / 5)));
}

/** Whether pictures would be larger side by side than stacked. */
function areBeside(pictures: readonly PreviewPicture[], width: number, height: number): boolean {
  const n = pictures.length;
  return leastScale(pictures, width / n, height - 1) >= leastScale(pictures, width, height / n - 1);
}

/** The smallest scale among the pictures, in cells of two pixels. */
function leastScale(pictures: readonly PreviewPicture[], columns: number, rows: number): number {
  const scales = pictures.map(({ width, height, tiles }) => {
    if (tiles === null) return Math.min(columns / width, (rows * 2) / height);
    const { scale, shown } = tileLayout(tiles, columns, rows * 2);
    return scale * Math.sqrt(shown / tiles.count);
  });
  return Math.min(...scales);
}

interface PictureProps extends Size {
  readonly picture: PreviewPicture;
  readonly gap: boolean;
}

function Picture({ picture, width, height, gap }: PictureProps) {
  const { kind } = useContext(GraphicsContext);
  const drawing = { picture, width, height: height - 1 };
  return (
    <Box flexDirection="column" flexShrink={0} width={width} height={height} marginRight={gap ? 1 : 0}>
      {kind === 'none' ? <BlockPicture {...drawing} /> : <TerminalPicture {...drawing} />}
    </Box>
  );
}

/** Draws as many tiles as fit at full resolution, in half blocks. */
function BlockPicture({ picture, width, height }: Omit<PictureProps, 'gap'>) {
  const theme = useContext(ThemeContext);
  const { tiles } = picture;
  const layout = useMemo(() => tiles && tileLayout(tiles, width, height * 2), [tiles, width, height]);
  const lines = useMemo(() => {
    const sheet = tiles && layout ? laidOut(picture, tiles, layout) : null;
    return halfBlocks(sheet ?? picture, width, height, theme);
  }, [picture, tiles, layout, width, height, theme]);
  return (
    <>
      <Heading picture={picture} shown={layout?.shown ?? 0} width={width} />
      <Canvas lines={lines} width={width} />
    </>
  );
}

/** Blank cells over which the terminal draws the picture. */
function TerminalPicture({ picture, width, height }: Omit<PictureProps, 'gap'>) {
  const graphics = useContext(GraphicsContext);
  const { stdout } = useStdout();
  const blank = useRef<DOMElement>(null);
  const drawing = useMemo(
    () => terminalPicture(picture, { width, height }, graphics),
    [picture, width, height, graphics],
  );
  const drawn = useRef<{ readonly x: number; readonly y: number } | null>(null);
  useLayoutEffect(
    () => () => {
      if (drawn.current !== null) stdout.write(drawing.removal(drawn.current));
      drawn.current = null;
    },
    [drawing, stdout],
  );
  // After every frame, since rows rewritten by Ink have lost the picture.
  useEffect(() => {
    const timer = setTimeout(() => {
      if (blank.current === null) return;
      const place = placeOf(blank.current);
      stdout.write(drawn.current === null ? drawing.first(place) : drawing.again(place));
      drawn.current = place;
    }, afterInk);
    return () => clearTimeout(timer);
  });
  return (
    <>
      <Heading picture={picture} shown={picture.tiles?.count ?? 0} width={width} />
      <Box ref={blank} width={width} height={height} />
    </>
  );
}

/** Milliseconds after which Ink has surely written a frame. */
const afterInk = 5;

/** Position in cells from the upper left of the screen. */
function placeOf(element: DOMElement): { readonly x: number; readonly y: number } {
  let [x, y] = [0, 0];
  for (let node: DOMElement | undefined = element; node !== undefined; node = node.parentNode) {
    x += node.yogaNode?.getComputedLeft() ?? 0;
    y += node.yogaNode?.getComputedTop() ?? 0;
  }
  return { x, y };
}

interface HeadingProps {
  readonly picture: PreviewPicture;
  readonly shown: number;
  readonly width: number;
}

/** The name, and as many details as fit. */
function Heading({ picture: { name, tiles }, shown, width }: HeadingProps) {
  const title = ` ${name}`;
  const notes = [
    ...(tiles !== null && shown > 0 && shown < tiles.count ? [`the first ${shown}`] : []),
    ...(tiles === null ? [] : (tilesOfGroup[tiles.rows] ?? [])),
  ];
  let text = '';
  for (const note of notes) if (title.length + text.length + 2 + note.length <= width) text += `  ${note}`;
  return <Row line={[span(title, { fg: 'accent' }), span(text, { fg: 'muted' })]} width={width} />;
}

/** By number of tiles in a group, top to bottom. */
const tilesOfGroup: Readonly<Record<number, readonly string[]>> = {
  2: ['input over output'],
  3: ['input, corrupted, output'],
};

/** @param moment null for the trial's end */
function momentText(moment: PictureTime | null): string {
  if (moment === null) return 'at the end';
  const { stage, epoch } = moment;
  return `${epoch === 0 ? 'in epoch 1' : `after epoch ${epoch}`}${stage === 'train' ? '' : ` of ${stage}`}`;
}

function nothing(state: DashboardState): string {
  const trial = selectedTrial(state)?.state;
  if (trial === undefined || trial === 'queued') return 'none yet';
  if (hasEnded(trial)) return 'this trial left no pictures';
  return state.mode === 'watch' ? 'stored at the end of the trial' : 'none yet: filters, reconstructions';
}
