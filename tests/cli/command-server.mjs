// Runs commands one after the other in one process: requests come by descriptor 3, how each ended goes where it asks.
import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { chdir, env, exit } from 'node:process';
import { printableLines } from '../../dist/src/compiler/diagnostics/printable.js';

/** The bundle of the program, whose name has a hash in it. */
const bundles = new URL('../../dist/programs/', import.meta.url);
const bundle = readdirSync(bundles).find(
  (name) => name.startsWith('program-') && /\bas main\}/.test(readFileSync(new URL(name, bundles), 'utf8')),
);
const { main } = await import(new URL(bundle, bundles).href);

/** A request: how many words the command has, its folder, the environment, where its answer goes, the words. */
let rest = Buffer.alloc(0);
let asked = Promise.resolve();
const requests = new Socket({ fd: 3, readable: true, writable: false });
requests.on('data', (bytes) => {
  rest = Buffer.concat([rest, bytes]);
  for (let request = next(); request !== null; request = next()) {
    const { folder, environment, answer, words } = request;
    asked = asked.then(() => run(folder, environment, answer, words));
  }
});
requests.on('close', () => exit());

function next() {
  const fields = rest.toString('utf8').split('\0');
  const [count, folder, environment, answer, ...more] = fields;
  if (fields.length < 5 + Number(count)) return null;
  rest = Buffer.from(more.slice(Number(count)).join('\0'));
  return { folder, environment, answer, words: more.slice(0, Number(count)) };
}

async function run(folder, environment, answer, words) {
  const said = { out: '', err: '' };
  const say = (where) => (text) => {
    said[where] += printableLines(typeof text === 'string' ? text : text.text);
  };
  const console = {
    out: say('out'),
    err: say('err'),
    data: (text) => {
      said.out += text;
    },
    redraw() {},
    colour: { out: false, err: false },
    interactive: false,
    columns: 80,
    unread: new AbortController().signal,
    incomplete: () => false,
    flushed: async () => {},
  };
  chdir(folder);
  if (environment !== '') {
    const given = JSON.parse(environment);
    for (const name of Object.keys(env)) if (!(name in given)) delete env[name];
    Object.assign(env, given);
  }
  const status = await main(words, console);
  if (answer === '') writeSync(4, `${JSON.stringify({ status, stdout: said.out, stderr: said.err })}\n`);
  else {
    writeFileSync(`${answer}/out`, said.out);
    writeFileSync(`${answer}/err`, said.err);
    writeFileSync(`${answer}/status`, `${status}\n`);
  }
}
