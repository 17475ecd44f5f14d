import { Box, useInput } from 'ink';
import { useMemo } from 'react';
import type { Theme } from '../drawing/theme.js';
import { isTooSmall, leastSize, overviewSizes, screenRows, sideSizes, textRows } from '../state/screen.js';
import type { DashboardState } from '../state/state.js';
import type { Graphics } from '../terminal/graphics.js';
import { ChartGrid, ChartPane } from './charts.js';
import { Footer } from './footer.js';
import { Header, Tabs } from './header.js';
import { HelpPane } from './help.js';
import { keysOf } from './keys.js';
import { LayersPane } from './layers.js';
import { MapPane } from './map.js';
import { ModelContext, modelOf, useModel } from './model.js';
import { ScrollContext, type Size } from './pane.js';
import { GraphicsContext, PicturePane } from './pictures.js';
import { LogPane, WorkersPane } from './system.js';
import { TablePane } from './table.js';
import { Text, ThemeContext } from './text.js';
import { CardPane, TrialPane } from './trial.js';

export interface AppProps {
  readonly state: DashboardState;
  readonly theme: Theme;
  readonly graphics: Graphics;
  readonly onKey: (key: string) => void;
  /** Reports how far the view's text can scroll, if the keys asked for more. */
  readonly onScrollLimit: (most: number) => void;
}

export function App({ state, theme, graphics, onKey, onScrollLimit }: AppProps) {
  useInput((input, key) => {
    for (const name of keysOf(input, key)) onKey(name);
  });
  const model = useMemo(() => modelOf(state), [state]);
  return (
    <ThemeContext value={theme}>
      <GraphicsContext value={graphics}>
        <ScrollContext value={onScrollLimit}>
          <ModelContext value={model}>
            <Screen />
          </ModelContext>
        </ScrollContext>
      </GraphicsContext>
    </ThemeContext>
  );
}

function Screen() {
  const { size, ui } = useModel().state;
  if (isTooSmall(size)) {
    return (
      <Box width={size.columns} height={size.rows} overflowY="hidden">
        <Text>{`the dashboard needs ${leastSize.columns}×${leastSize.rows} cells`}</Text>
      </Box>
    );
  }
  const { head, tabs, body } = screenRows(size);
  const area = { width: size.columns, height: body };
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Header width={size.columns} rows={head} />
      {tabs > 0 && <Tabs width={size.columns} />}
      {ui.help ? <HelpPane {...area} /> : <Body {...area} />}
      <Footer width={size.columns} />
    </Box>
  );
}

function Body(size: Size) {
  const { width, height } = size;
  const { view } = useModel().state.ui;
  switch (view) {
    case 'trials':
      return <Overview {...size} />;
    case 'charts':
      return (
        <ChartGrid {...size} across={Math.max(1, Math.floor(width / 56))} down={Math.max(1, Math.floor(height / 11))} />
      );
    case 'trial': {
      if (width < 110) return <TrialPane {...size} />;
      const left = Math.round(width * 0.5);
      const upper = Math.round(height * 0.5);
      return (
        <Box>
          <TrialPane width={left} height={height} />
          <Box flexDirection="column">
            <ChartPane width={width - left} height={upper} />
            <PicturePane width={width - left} height={height - upper} />
          </Box>
        </Box>
      );
    }
    case 'layers': {
      const text = textRows(size, view);
      if (width < 119) {
        return (
          <Box flexDirection="column">
            <LayersPane width={width} height={text} />
            {text < height && <ChartPane width={width} height={height - text} />}
          </Box>
        );
      }
      const left = Math.round(width * 0.55);
      const down = Math.max(1, Math.min(4, Math.floor(height / 11)));
      return (
        <Box>
          <LayersPane width={left} height={height} />
          <ChartGrid width={width - left} height={height} across={1} down={down} />
        </Box>
      );
    }
    case 'pictures':
      return <PicturePane {...size} />;
    case 'map':
      return <MapPane {...size} />;
    case 'system': {
      const text = textRows(size, view);
      return (
        <Box flexDirection="column">
          {text < height && <WorkersPane width={width} height={height - text} />}
          <LogPane width={width} height={text} />
        </Box>
      );
    }
  }
}

/** Table and charts, with the selected trial beside them if there is room; a single trial has no table. */
function Overview(size: Size) {
  const { trials } = useModel().state;
  const { main, table, card, side } = overviewSizes(size, trials.length);
  const charts = size.height - Math.max(table, card);
  return (
    <Box>
      <Box flexDirection="column">
        {table > 0 && <TablePane width={main} height={table} />}
        {card > 0 && <Alone width={main} height={card} />}
        {charts > 0 && (
          <ChartGrid
            width={main}
            height={charts}
            across={Math.max(1, Math.min(3, Math.floor(main / 76)))}
            down={charts >= 30 ? 2 : 1}
          />
        )}
      </Box>
      {side > 0 && <Side width={side} height={size.height} />}
    </Box>
  );
}

/** The only trial above its curves: its numbers, and its pictures if there is room. */
function Alone({ width, height }: Size) {
  const left = width < 72 ? width : Math.ceil(width * 0.52);
  return (
    <Box>
      <CardPane width={left} height={height} />
      {left < width && <PicturePane width={width - left} height={height} />}
    </Box>
  );
}

function Side({ width, height }: Size) {
  const { card, pictures, workers } = sideSizes(height);
  return (
    <Box flexDirection="column">
      <CardPane width={width} height={card} />
      {pictures > 0 && <PicturePane width={width} height={pictures} />}
      {workers > 0 && <WorkersPane width={width} height={workers} />}
    </Box>
  );
}
