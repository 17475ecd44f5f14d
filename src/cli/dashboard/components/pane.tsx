import { Box, type DOMElement, measureElement } from 'ink';
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef } from 'react';
import { type Line, span, truncated, widthOf } from '../drawing/line.js';
import { inkProps } from '../drawing/theme.js';
import { useModel } from './model.js';
import { Row, ThemeContext } from './text.js';

/** A component's size in cells. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

interface PaneProps extends Size {
  readonly title: string | Line;
  /** On the right of the title, if there is room. */
  readonly note?: string | Line;
  /** Rows of content scrolled out above. */
  readonly hidden?: number;
  readonly children?: ReactNode;
}

/** A frame with a title in its upper edge; clips its content. */
export function Pane({ title, note = [], width, height, hidden = 0, children }: PaneProps) {
  const { color } = inkProps({ fg: 'frame' }, useContext(ThemeContext));
  return (
    <Box flexDirection="column" flexShrink={0} width={width} height={height}>
      <Row line={upperEdge(title, note, width)} width={width} />
      <Box
        flexDirection="column"
        height={height - 1}
        borderStyle="round"
        borderTop={false}
        {...(color === undefined ? {} : { borderColor: color })}
        overflowY="hidden"
      >
        <Box flexDirection="column" flexShrink={0} marginTop={-hidden}>
          {children}
        </Box>
      </Box>
    </Box>
  );
}

/** The size of a pane's interior. */
export function inside({ width, height }: Size): Size {
  return { width: width - 2, height: height - 2 };
}

function upperEdge(title: string | Line, note: string | Line, width: number): Line {
  const edge = (text: string) => span(text, { fg: 'frame' });
  const named = typeof title === 'string' ? [span(truncated(title, width - 6), { fg: 'text', bold: true })] : title;
  const noted = typeof note === 'string' ? [span(note, { fg: 'muted' })] : note;
  const room = width - 6 - widthOf(named);
  const noteCells = widthOf(noted) + 2;
  if (noteCells === 2 || noteCells + 1 > room)
    return [edge('╭─ '), ...named, edge(` ${'─'.repeat(Math.max(0, room))}─╮`)];
  return [edge('╭─ '), ...named, edge(` ${'─'.repeat(room - noteCells)} `), ...noted, edge(' ─╮')];
}

/** Receives how far the view's text can be scrolled. */
export const ScrollContext = createContext<(most: number) => void>(() => {});

/** A scrollable pane of text. */
export function ScrollPane({ children, ...pane }: Omit<PaneProps, 'note' | 'hidden'>) {
  const { scroll, scrollLimit } = useModel().state.ui;
  const limitScroll = useContext(ScrollContext);
  const content = useRef<DOMElement>(null);
  const room = pane.height - 2;
  // The height of the text is known only after layout; a change affects the next frame.
  useLayoutEffect(() => {
    if (content.current === null) return;
    const most = Math.max(0, measureElement(content.current).height - room);
    if (most !== scrollLimit) limitScroll(most);
  });
  const hidden = Math.min(scroll, scrollLimit);
  const note = scrollLimit === 0 ? '' : `j k  ${Math.round((100 * (hidden + room)) / (scrollLimit + room))}%`;
  return (
    <Pane {...pane} note={note} hidden={hidden}>
      <Box ref={content} flexDirection="column" flexShrink={0}>
        {children}
      </Box>
    </Pane>
  );
}
