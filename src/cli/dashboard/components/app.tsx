import { Box, Text, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Frame } from '../frame.js';
import { glyph } from './glyphs.js';
import { keysOf } from './key-names.js';

/** The frame that is to be on the screen; it changes at most as often as the screen is drawn. */
export interface FrameSource {
  subscribe(changed: () => void): () => void;
  frame(): Frame;
}

export interface AppProps {
  readonly source: FrameSource;
  readonly onKey: (key: string) => void;
}

/** The dashboard: its panes, each in a column of Ink's, and the keyboard. */
export function App({ source, onKey }: AppProps) {
  const { panes } = useSyncExternalStore(source.subscribe, source.frame);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) onKey(name);
  });
  return (
    <Box>
      {panes.map(({ key, rect }, i) => (
        <Box key={key} width={1} marginTop={rect.y}>
          <Rows pane={i} height={rect.height} />
        </Box>
      ))}
    </Box>
  );
}

/** The rows of a pane, a glyph for each: the text is the same as long as the pane has its height. */
function Rows({ pane, height }: { readonly pane: number; readonly height: number }) {
  return <Text>{Array.from({ length: height }, (_, row) => glyph(pane, row)).join('\n')}</Text>;
}
