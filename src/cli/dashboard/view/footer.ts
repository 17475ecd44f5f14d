import type { View } from '../state/state.js';
import { fitted, type Line, type Span, span } from './line.js';
import type { Model } from './model.js';

type Hint = readonly [key: string, what: string];

const ofView: Readonly<Record<View, readonly Hint[]>> = {
  trials: [
    ['/', 'filter'],
    ['s', 'sort'],
    ['space', 'mark'],
    ['b', 'seeds'],
    ['m', 'metric'],
    ['L', 'log'],
    ['z', 'zoom'],
  ],
  charts: [
    ['m', 'metric'],
    ['L', 'log'],
    ['e', 'smooth'],
    ['z Z 0', 'zoom'],
    ['h l', 'pan'],
    ['b', 'bands'],
    ['j k', 'trial'],
  ],
  trial: [
    ['j k', 'scroll'],
    ['n N', 'trial'],
    ['m', 'metric'],
    ['esc', 'back'],
  ],
  layers: [
    ['j k', 'scroll'],
    ['n N', 'trial'],
    ['m', 'metric'],
    ['esc', 'back'],
  ],
  pictures: [
    ['j k', 'trial'],
    ['esc', 'back'],
  ],
  map: [
    ['h', 'x axis'],
    ['l', 'y axis'],
    ['j k', 'trial'],
    ['esc', 'back'],
  ],
  system: [
    ['j k', 'scroll'],
    ['esc', 'back'],
  ],
};

const control: readonly Hint[] = [
  ['p', 'pause'],
  ['x', 'stop'],
  ['+ -', 'workers'],
  ['A', 'seeds+'],
];

/** What is asked, what was said, or which keys there are: one row. */
export function footer(model: Model, width: number): Line {
  const { ui, controlled, mode, done } = model.state;
  const { prompt, message } = ui;
  if (prompt !== null) {
    switch (prompt.kind) {
      case 'filter': {
        const error = model.rows.error;
        const hint =
          error ?? `${model.rows.rows.length} shown · rho<0.05 status:running -seed=3 · enter keeps, esc drops`;
        return bar(width, [
          span(' /', { fg: 'accent', bold: true }),
          span(prompt.text),
          span(' ', { inverse: true }),
          span(`  ${hint}`, { fg: error === null ? 'muted' : 'bad' }),
        ]);
      }
      case 'confirm':
        return bar(width, [
          span(` ${prompt.question} `, { bold: true }),
          ...hints([
            ['y', 'yes'],
            ['any other key', 'no'],
          ]),
        ]);
      case 'seeds':
        return bar(width, [
          span(` how many more seeds for the setting of trial ${prompt.trial}? `, { bold: true }),
          span(prompt.text),
          span(' ', { inverse: true }),
        ]);
    }
  }
  if (message !== null) return bar(width, [span(` ${message.text}`, { fg: 'warning' })]);
  const own: readonly Hint[] = ui.help
    ? [
        ['j k', 'scroll'],
        ['esc', 'close'],
      ]
    : ofView[ui.view];
  const acting: readonly Hint[] = controlled && mode === 'sweep' && done === null && !ui.help ? control : [];
  return bar(width, [
    span(' '),
    ...hints([...own.slice(0, 3), ...acting, ...own.slice(3), ['?', 'help'], ['q', 'quit']], width - 2),
  ]);
}

function bar(width: number, spans: Line): Line {
  return fitted(spans, width);
}

/** As many as there is room for; the last two, which say how to go on, are always there. */
function hints(all: readonly Hint[], room = 1000): readonly Span[] {
  const size = ([key, what]: Hint) => key.length + what.length + 3;
  const last = all.slice(-2);
  let left = room - last.reduce((total, hint) => total + size(hint), 0);
  const first = all.slice(0, -2).filter((hint) => {
    left -= size(hint);
    return left >= 0;
  });
  return [...first, ...last].flatMap(([key, what]) => [
    span(key, { fg: 'accent', bold: true }),
    span(` ${what}  `, { fg: 'muted' }),
  ]);
}
