import { type Line, span } from '../drawing/line.js';
import { controlsHere } from '../state/control-keys.js';
import { type DashboardState, selectedTrial, type View } from '../state/state.js';
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

/** Between several trials. */
const ofTable: ReadonlySet<string> = new Set(['/', 's', 'space', 'b', 'n N']);

/** The keys that do something here. */
function keysHere(state: DashboardState): readonly Hint[] {
  const { ui, controlled, mode, done, sweep } = state;
  if (ui.help) return [...ofHelp, ...leaving];
  const isRun = sweep?.of === 'run';
  const own = ofView[ui.view].filter(([key, what]) => !isRun || !(ofTable.has(key) || what === 'trial'));
  const here = new Set<string>(controlsHere(state));
  const paused = selectedTrial(state)?.state === 'paused';
  const acting = control
    .filter(([key]) => key.split(' ').some((one) => here.has(one)))
    .map(([key, what]): Hint => (key === 'p' && paused ? [key, 'resume'] : [key, what]));
  const isControlled = controlled && mode === 'sweep' && done === null;
  return [...own.slice(0, 3), ...(isControlled ? acting : []), ...own.slice(3), ...leaving];
}

const leaving: readonly Hint[] = [
  ['?', 'help'],
  ['q', 'quit'],
];

/** The footer row: a prompt, a message, or key hints. */
export function Footer({ width }: { readonly width: number }) {
  return <Row line={footer(useModel(), width)} width={width} />;
}

function footer({ state, rows }: Model, width: number): Line {
  const { ui } = state;
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
      return [span(' '), ...hints(keysHere(state), width - 2)];
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
