import { Box } from 'ink';
import { span } from '../drawing/line.js';
import { signOf, statesInOrder } from '../drawing/signs.js';
import { controlsHere } from '../state/control-keys.js';
import { useModel } from './model.js';
import { ScrollPane, type Size } from './pane.js';
import { Text } from './text.js';

const sections: readonly (readonly [title: string, keys: readonly (readonly [key: string, what: string])[]])[] = [
  [
    'moving',
    [
      ['j k ↓ ↑', 'next, previous trial; scroll a text'],
      ['g G home end', 'first, last'],
      ['n N', 'next, previous trial in any view'],
      ['ctrl-d ctrl-u', 'half a page; pgdn, pgup a page'],
      ['1 … 7 tab', 'views; enter opens the trial, esc goes back'],
      ['q', 'leave; ctrl-c stops the training, twice: immediately'],
    ],
  ],
  [
    'table',
    [
      ['/', 'filter: rho<0.05 status:running,queued -seed=3 validation.loss<0.1 text'],
      ['', 'a param named like a column (status, epoch) is param.status, param.epoch'],
      ['s S', 'sort by the next column; the other way round'],
      ['b', 'settings: all seeds of one together, with mean and 95% interval'],
      ['space a', 'mark a trial for the charts; mark all that are shown, or none'],
    ],
  ],
  [
    'charts',
    [
      ['m M', 'next, previous metric ( ] [ too)'],
      ['L', 'log scale'],
      ['e', 'smoothing: 0.6, 0.9, 0.97, none; the raw line stays behind'],
      ['z Z 0', 'zoom in, out, all'],
      ['h l ← →', 'earlier, later'],
    ],
  ],
  ['map', [['h l', 'next parameter across, down']]],
  [
    'control',
    [
      ['p', 'pause the trial after its step; again: resume'],
      ['x', 'stop the trial (asks)'],
      ['R', 'train it again from the start (asks)'],
      ['P', 'run a queued trial next'],
      ['+ -', 'one worker more, one less'],
      ['A', 'more seeds of its setting'],
      ['ctrl-l', 'draw the screen again'],
    ],
  ],
];

const keyCells = 18;

export function HelpPane(size: Size) {
  const { state } = useModel();
  const { mode } = state;
  const here = new Set<string>(controlsHere(state));
  return (
    <ScrollPane {...size} title="keys">
      {sections.map(([title, keys]) => (
        <Box key={title} flexDirection="column" marginBottom={1}>
          <Text>
            {[
              span(` ${title}`, { fg: 'accent', bold: true }),
              span(title === 'control' && mode === 'watch' ? '  not here: watching is read only' : '', {
                fg: 'warning',
              }),
            ]}
          </Text>
          {keys
            .filter(([key]) => title !== 'control' || isHere(key, here))
            .map(([key, what]) => (
              <Box key={what}>
                <Box width={keyCells} flexShrink={0}>
                  <Text bold>{`   ${key}`}</Text>
                </Box>
                <Text>{what}</Text>
              </Box>
            ))}
        </Box>
      ))}
      <Text fg="accent" bold>
        {' signs'}
      </Text>
      {statesInOrder.map((state) => (
        <Text key={state}>
          {[
            span(`   ${signOf(state).sign} `, { fg: signOf(state).colour }),
            span(state.padEnd(keyCells - 5)),
            span(meanings[state], { fg: 'muted' }),
          ]}
        </Text>
      ))}
      <Text>{[span('   ◆ •'.padEnd(keyCells), { bold: true }), span(marks, { fg: 'muted' })]}</Text>
    </ScrollPane>
  );
}

/** Ctrl-l and what isn't control is everywhere. */
function isHere(key: string, here: ReadonlySet<string>): boolean {
  return key.startsWith('ctrl-') || key.split(' ').some((one) => here.has(one));
}

const marks = 'marked; drawn in the charts in this colour';

const meanings = {
  queued: 'waits for a worker',
  running: 'trains',
  paused: 'a person paused it, or it waits for the others of its rung',
  complete: 'trained to its end',
  cached: 'the same trial was complete already, and is reused',
  diverged: 'a value became infinite or NaN',
  failed: 'ended by an error',
  pruned: 'a rung decided against it',
  stopped: 'a person stopped it',
  interrupted: 'the training was ended before it',
} as const;
