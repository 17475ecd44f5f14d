import type { Rect } from '../layout.js';
import { boxed, heading, inside } from './box.js';
import { type Line, span, wrapped } from './line.js';
import type { Model } from './model.js';
import { scrolledTo } from './scroll.js';
import { signOf, statesInOrder } from './signs.js';

const sections: readonly (readonly [title: string, keys: readonly (readonly [key: string, what: string])[]])[] = [
  [
    'moving',
    [
      ['j k ↓ ↑', 'next, previous trial; scroll a text'],
      ['g G home end', 'first, last'],
      ['n N', 'next, previous trial in any view'],
      ['ctrl-d ctrl-u', 'half a page; pgdn, pgup a page'],
      ['1 … 7 tab', 'views; enter opens the trial, esc goes back'],
      ['q', 'leave; ctrl-c stops the sweep, twice at once'],
    ],
  ],
  [
    'table',
    [
      ['/', 'filter: rho<0.05 status:running,queued -seed=3 validation.loss<0.1 text'],
      ['', 'a param that is called like a column (status, epoch) is param.status, param.epoch'],
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
      ['p', 'pause the trial after its step; again: go on'],
      ['x', 'stop the trial (asks)'],
      ['R', 'train it again from the start (asks)'],
      ['P', 'a trial that waits is next'],
      ['+ -', 'one worker more, one less'],
      ['A', 'more seeds of its setting'],
      ['ctrl-l', 'draw the screen again'],
    ],
  ],
];

/** All keys, and what the signs mean. */
export function helpPane({ state }: Model, rect: Rect): readonly Line[] {
  const { width, height } = inside(rect);
  const { shown, note } = scrolledTo(helpText(state.mode, width), state.ui.scroll, height);
  return boxed(rect, heading('keys'), note, shown);
}

export function helpText(mode: 'sweep' | 'watch', width: number): readonly Line[] {
  return [
    ...sections.flatMap(([title, keys]): Line[] => [
      [
        span(` ${title}`, { fg: 'accent', bold: true }),
        span(title === 'control' && mode === 'watch' ? '  not here: watching is read only' : '', { fg: 'warning' }),
      ],
      ...keys.flatMap(([key, what]) => wrapped([span(`   ${key.padEnd(15)}`, { bold: true }), span(what)], width, 18)),
      [],
    ]),
    [span(' signs', { fg: 'accent', bold: true })],
    ...statesInOrder.map((state): Line => {
      const { sign, colour } = signOf(state);
      return [span(`   ${sign} `, { fg: colour }), span(`${state.padEnd(13)}`), span(meanings[state], { fg: 'muted' })];
    }),
    [span('   ◆ •           ', { bold: true }), span('marked; drawn in the charts in this colour', { fg: 'muted' })],
  ];
}

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
  interrupted: 'the sweep ended before it',
} as const;
