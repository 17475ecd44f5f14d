import { Box, Text as InkText, Transform } from 'ink';
import { createContext, createElement, Fragment, memo, type ReactElement, useContext } from 'react';
import { aligned, type Line, span, toAnsi } from '../drawing/line.js';
import { inkProps, type Look, type Theme } from '../drawing/theme.js';

export const ThemeContext = createContext<Theme>({ colour: true });

interface TextProps extends Look {
  readonly children: string | Line;
}

/** Text that seldom changes: Ink caches every text it measures for the life of the process. */
export const Text = memo(function Text({ children, ...look }: TextProps) {
  const theme = useContext(ThemeContext);
  if (typeof children === 'string') {
    return <InkText {...inkProps(look, theme)}>{span(children).text}</InkText>;
  }
  return (
    <InkText>
      {inPlace(children, ({ text, look: own }) => (
        <InkText {...inkProps(own, theme)}>{text}</InkText>
      ))}
    </InkText>
  );
});

/** Elements that have no other name than their place, which arguments have without a key. */
export function inPlace<T>(items: readonly T[], element: (item: T) => ReactElement): ReactElement {
  return createElement(Fragment, null, ...items.map(element));
}

interface RowsProps {
  readonly lines: readonly Line[];
  readonly width: number;
}

/**
 * A drawing `width` cells wide, such as a chart. Ink measures and caches only a blank of that size. Not for scrolling
 * content: Ink counts clipped rows from the first that is left.
 */
export function Canvas({ lines, width }: RowsProps) {
  const theme = useContext(ThemeContext);
  if (lines.length === 0 || width <= 0) return null;
  const rows = lines.map((line) => toAnsi(line, theme, width));
  return <Transform transform={(_, row) => rows[row] ?? ''}>{blank(width, rows.length)}</Transform>;
}

/** A row of text that often changes. */
export function Row({ line, width }: { readonly line: Line; readonly width: number }) {
  return <Canvas lines={[line]} width={width} />;
}

export function Rows({ lines, width }: RowsProps) {
  if (lines.length === 0) return null;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {inPlace(lines, (line) => (
        <Row line={line} width={width} />
      ))}
    </Box>
  );
}

/** A remark shown instead of missing content. */
export function Remark({ children }: { readonly children: string }) {
  return (
    <Box paddingX={1}>
      <Text fg="muted">{children}</Text>
    </Box>
  );
}

function blank(width: number, height: number): string {
  return new Array<string>(height).fill(' '.repeat(width)).join('\n');
}

/** `name  value` in two columns. */
export function fact(name: string, value: Line, nameWidth: number): Line {
  return [span(aligned(name, nameWidth, 'start'), { fg: 'muted' }), ...value];
}
