// Makes docs/images/dashboard.png and diagnostic.png from the program itself, in a terminal of tmux that chromium draws:
//   npm run build && AEDSL_DATA=FOLDER node tools/terminal-pictures.mjs [NAME…]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AnsiUp } from 'ansi_up';

const names = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const aedsl = `${process.execPath} ${join(root, 'dist/src/cli/main.js')}`;
const place = mkdtempSync(join(tmpdir(), 'aedsl-pictures-'));

const wrong = `experiment denoising {
  data mnist(take=50000) { center_crop(20) }
  corrupt salt(0.3)
  encoder {
    conv2d(16, kernel=3, stride=2, padding=1, activation=relu)
    code: dense(32, activation=relu)
  }
  decoder { dense(input.size, activation=tanh) }
  loss bce() + kl_sparsity(rho=0.05)
  train adam(lr=0.001) { epochs = 10  batch = 128 }
}
`;

const pictures = [
  {
    name: 'dashboard',
    size: [120, 40],
    command: `${aedsl} sweep experiments/sparse.ae rho=0.01,0.05,0.2 --seeds 2 --epochs 4`,
    until: (screen) => /✓ 2 complete/.test(screen) && screen.includes('filters(code)') && / [23]\/4 /.test(screen),
  },
  {
    name: 'diagnostic',
    size: [92, 30],
    command: `clear; ${aedsl} check wrong.ae; sleep 60`,
    until: (screen) => /\d errors?/.test(screen),
  },
];

try {
  cpSync(join(root, 'experiments'), join(place, 'experiments'), { recursive: true });
  writeFileSync(join(place, 'wrong.ae'), wrong);
  writeFileSync(
    join(place, 'tmux.conf'),
    'set -g default-terminal tmux-256color\nset -ga terminal-overrides ",*:Tc"\nset -g status off\n',
  );
  for (const picture of pictures.filter(({ name }) => names.length === 0 || names.includes(name))) await take(picture);
} finally {
  rmSync(place, { recursive: true, force: true });
}

async function take({ name, size: [columns, rows], command, until }) {
  const tmux = (...args) =>
    execFileSync('tmux', ['-L', `pictures-${process.pid}`, '-f', join(place, 'tmux.conf'), ...args], {
      encoding: 'utf8',
    });
  tmux(
    'new-session',
    '-d',
    '-x',
    String(columns),
    '-y',
    String(rows),
    '-c',
    place,
    `COLORTERM=truecolor; export COLORTERM; ${command}`,
  );
  try {
    while (!until(tmux('capture-pane', '-p'))) await setTimeout(500);
    await setTimeout(2_000);
    draw(name, columns, tmux('capture-pane', '-e', '-p').replace(/\s+$/, ''));
  } finally {
    tmux('kill-server');
  }
}

/** Each character in a cell of its own: the fonts that draw braille and boxes have other widths. */
function inCells(html) {
  return html.replace(/(<[^>]*>)|(&#?\w+;|[^\n])/gu, (_all, tag, character) => {
    if (tag !== undefined) return tag;
    return character === '▀' ? '<i class="half"></i>' : `<i>${character}</i>`;
  });
}

function draw(name, columns, screen) {
  const [width, height, margin] = [8, 17, 12];
  const rows = screen.split('\n').length;
  const page = join(place, `${name}.html`);
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><style>
      body { margin: 0; background: #16181d; }
      pre { margin: ${margin}px; color: #d8dce4; font: 13.3px/${height}px 'DejaVu Sans Mono', monospace; }
      i { display: inline-block; width: ${width}px; height: ${height}px; font-style: normal; vertical-align: top; overflow: visible; }
      .half { background: linear-gradient(currentColor 50%, transparent 50%); }
    </style><pre>${inCells(new AnsiUp().ansi_to_html(screen))}</pre>`,
  );
  const file = join(root, 'docs', 'images', `${name}.png`);
  const size = `${columns * width + 2 * margin},${rows * height + 2 * margin}`;
  execFileSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--hide-scrollbars',
      '--force-device-scale-factor=1.5',
      `--window-size=${size}`,
      `--screenshot=${file}`,
      `file://${page}`,
    ],
    { stdio: 'ignore' },
  );
  console.log(file);
}
