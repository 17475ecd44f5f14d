// How long an editor waits for the language server while somebody types: node benchmarks/editor.mjs [--letters N]
//
// Types letters into experiments, and asks after each one what an editor asks. Each answer is for the text with that letter. Prints
// the median and the worst of a hundred for each question, by the clock and of the processor, and ends with 1 where a median is
// 20 ms or more or a worst 100 ms or more. The processor's time counts, of client and server together, as other programs may keep
// the machine busy. Needs dist/ (npm run build).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { serveStreams } from '../dist/src/api/editor.js';

const { values } = parseArgs({ options: { letters: { type: 'string', default: '100' } } });
const letters = Number(values.letters);
const goals = { median: 20, worst: 100 };
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'aedsl-editor-bench-'));
writeFileSync(join(folder, 'package.json'), '{}');

const sparse = readFileSync(join(root, 'experiments/sparse.ae'), 'utf8').replaceAll('mnist', 'digits');
/** A file of many experiments. */
const times = (count) =>
  Array.from({ length: count }, (_, i) =>
    sparse
      .replace('experiment sparse', `experiment sparse${i}`)
      .replaceAll(/without_penalty extends sparse/g, `without${i} extends sparse${i}`),
  ).join('\n');
const texts = [
  { name: 'sparse.ae', text: sparse },
  { name: '10 times sparse.ae (280 lines)', text: times(10) },
  { name: '50 times sparse.ae (1,400 lines), beyond the goal', text: times(50), isBeyond: true },
];

const [toServer, toClient] = [new PassThrough(), new PassThrough()];
const served = serveStreams(toServer, toClient, { words: [], version: 'benchmark' });
const connection = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
let published = () => {};
connection.onNotification('textDocument/publishDiagnostics', ({ version }) => published(version));
connection.listen();
await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
await connection.sendNotification('initialized', {});

const slow = [];
for (const [i, { name, text, isBeyond = false }] of texts.entries()) {
  const measured = new Map();
  const took = (what, clock, processor) => measured.set(what, [...(measured.get(what) ?? []), { clock, processor }]);
  const uri = pathToFileURL(join(folder, `text${i}.ae`)).href;
  const textDocument = { uri };
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'aedsl', version: 0, text },
  });
  await new Promise((resolve) => {
    published = resolve;
  });
  // In a layer of an experiment in the middle of the file: `dense(hidden, activation=sigmoid)` letter by letter.
  const lines = text.split('\n');
  const places = lines.flatMap((line, at) => (line.includes('encoder {') ? [at] : []));
  const line = places[Math.floor(places.length / 2)] ?? 0;
  const column = (lines[line] ?? '').indexOf('code:');
  const typed = 'a: dense(hidden, activation=sigmoid) ';
  // What a window shows.
  const range = { start: { line: Math.max(0, line - 30), character: 0 }, end: { line: line + 30, character: 0 } };
  for (let n = 0; n < letters; n++) {
    const at = n % typed.length;
    const start = { line, character: column + at };
    const isAgain = n > 0 && at === 0;
    const end = isAgain ? { line, character: column + typed.length } : start;
    if (isAgain) start.character = column;
    const version = n + 1;
    const checked = new Promise((resolve) => {
      published = (of) => of === version && resolve(performance.now());
    });
    const before = performance.now();
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start, end }, text: typed[at] }],
    });
    const position = { line, character: column + at + 1 };
    const ask = async (method, params = {}) => {
      const asked = performance.now();
      const used = process.cpuUsage();
      await connection.sendRequest(`textDocument/${method}`, { textDocument, position, ...params });
      const { user, system } = process.cpuUsage(used);
      took(method, performance.now() - asked, (user + system) / 1000);
    };
    await ask('completion');
    await ask('signatureHelp');
    await ask('inlayHint', { range });
    await ask('hover');
    await ask('documentSymbol');
    await ask('codeLens');
    await ask('codeAction', { range: { start: position, end: position }, context: { diagnostics: [] } });
    await ask('definition');
    await ask('documentHighlight');
    const used = process.cpuUsage();
    const at40 = await checked;
    const { user, system } = process.cpuUsage(used);
    took('diagnostics (after a pause of 40 ms)', at40 - before, (user + system) / 1000);
  }
  console.log(`\n${name}, ${letters} letters`);
  console.log('| question | median ms | worst ms | median of the processor | worst |\n|---|---|---|---|---|');
  for (const [what, all] of measured) {
    const [clock, processor] = ['clock', 'processor'].map((kind) => {
      const sorted = all.map((each) => each[kind]).sort((a, b) => a - b);
      return { median: sorted[Math.floor(sorted.length / 2)], worst: sorted.at(-1) };
    });
    const shown = [clock.median, clock.worst, processor.median, processor.worst].map((ms) => ms.toFixed(1));
    console.log(`| ${[what, ...shown].join(' | ')} |`);
    const isAnswer = !what.startsWith('diagnostics') && !isBeyond;
    if (isAnswer && (processor.median >= goals.median || processor.worst >= goals.worst)) slow.push(`${name}: ${what}`);
  }
}
await connection.sendRequest('shutdown');
await connection.sendNotification('exit');
await served;
connection.dispose();
rmSync(folder, { recursive: true });
if (slow.length > 0) {
  console.log(`\nslower than ${goals.median} ms in the middle or ${goals.worst} ms at worst: ${slow.join(', ')}`);
  process.exitCode = 1;
}
