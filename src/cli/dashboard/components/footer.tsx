import { type Line, span } from '../drawing/line.js';
import type { View } from '../state/state.js';
import { type Model, useModel } from './model.js';
import { Row } from './text.js';

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

const ofHelp: readonly Hint[] = [
  ['j k', 'scroll'],
  ['esc', 'close'],
];

const control: readonly Hint[] = [
  ['p', 'pause'],
  ['x', 'stop'],
  ['+ -', 'workers'],
  ['A', 'seeds+'],
];

/** The footer row: a prompt, a message, or key hints. */
export function Footer({ width }: { readonly width: number }) {
  return <Row line={footer(useModel(), width)} width={width} />;
}

function footer({ state, rows }: Model, width: number): Line {
  const { ui, controlled, mode, done } = state;
  const cursor = span(' ', { inverse: true });
  switch (ui.prompt?.kind) {
    case 'filter': {
      const usage = `${rows.rows.length} shown · rho<0.05 status:running -seed=3 · enter keeps it, esc clears it`;
      return [
        span(' /', { fg: 'accent', bold: true }),
        span(ui.prompt.text),
        cursor,
        span(`  ${rows.error ?? usage}`, { fg: rows.error === null ? 'muted' : 'bad' }),
      ];
    }
    case 'confirm':
      return [span(` ${ui.prompt.question} `, { bold: true }), ...hints([yes, no], width)];
    case 'seeds': {
      const question = ` how many more seeds for the setting of trial ${ui.prompt.trial}? `;
      return [span(question, { bold: true }), span(ui.prompt.text), cursor];
    }
    case undefined: {
      if (ui.message !== null) return [span(` ${ui.message.text}`, { fg: 'warning' })];
      const own = ui.help ? ofHelp : ofView[ui.view];
      const acting = controlled && mode === 'sweep' && done === null && !ui.help ? control : [];
      const all = [...own.slice(0, 3), ...acting, ...own.slice(3), ['?', 'help'], ['q', 'quit']] as const;
      return [span(' '), ...hints(all, width - 2)];
    }
  }
}

const yes: Hint = ['y', 'yes'];
const no: Hint = ['any other key', 'no'];

/** Fits as many hints as there is room for; always keeps the last two. */
function hints(all: readonly Hint[], room: number): Line {
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
