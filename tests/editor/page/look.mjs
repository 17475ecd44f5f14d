// Opens an experiment in an editor in a page that speaks to the server, and takes pictures of it:
//   node tests/editor/page/look.mjs TOOLS FOLDER
//
// TOOLS is a folder with `npm install monaco-editor@0.52.2 ws puppeteer-core`; Chromium is Debian's, or CHROMIUM names it. The
// pictures are written to FOLDER, to be looked at. Needs dist/ (npm run build).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [tools, pictures] = process.argv.slice(2).map((path) => resolve(path));
if (tools === undefined || pictures === undefined)
  throw new Error('name the folder of the tools and the folder of the pictures');
const require = createRequire(join(tools, 'package.json'));
const { WebSocketServer } = require('ws');
const puppeteer = require('puppeteer-core');
const root = fileURLToPath(new URL('../../..', import.meta.url));
const monaco = join(tools, 'node_modules', 'monaco-editor', 'min', 'vs');
const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.ttf': 'font/ttf' };

const project = mkdtempSync(join(tmpdir(), 'aedsl-page-'));
writeFileSync(join(project, 'package.json'), '{}');
const file = join(project, 'vae.ae');
const text = readFileSync(join(root, 'experiments', 'vae.ae'), 'utf8').replaceAll(
  'mnist()',
  'digits(take=4000, validation=500)',
);
writeFileSync(file, text);
const keywords =
  'experiment extends without param where let data corrupt encoder decoder loss pretrain train show evaluate sweep'.split(
    ' ',
  );

const http = createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
  try {
    if (path === '/document') return response.end(JSON.stringify({ uri: pathToFileURL(file).href, text, keywords }));
    const name = path.startsWith('/monaco/')
      ? join(monaco, path.slice('/monaco/'.length))
      : fileURLToPath(new URL('page.html', import.meta.url));
    response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream');
    return response.end(readFileSync(name));
  } catch {
    response.statusCode = 404;
    return response.end();
  }
});
const servers = [];
new WebSocketServer({ server: http }).on('connection', (socket) => {
  const server = spawn(process.execPath, [join(root, 'dist/src/cli/main.js'), 'lsp'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  servers.push(server);
  socket.on('message', (data) => server.stdin.write(`Content-Length: ${data.length}\r\n\r\n${data}`));
  let rest = Buffer.alloc(0);
  server.stdout.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const [header, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString('latin1')) ?? [];
      if (header === undefined || rest.length < header.length + Number(length)) return;
      socket.send(rest.toString('utf8', header.length, header.length + Number(length)));
      rest = rest.subarray(header.length + Number(length));
    }
  });
});
await new Promise((listening) => http.listen(0, '127.0.0.1', listening));

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  mkdirSync(pictures, { recursive: true });
  const page = await browser.newPage();
  await page.setViewport({ width: 1100, height: 720, deviceScaleFactor: 1 });
  await page.goto(`http://127.0.0.1:${http.address().port}/`);
  await page.waitForSelector('body[data-ready][data-checked]');
  const settled = () => new Promise((done) => setTimeout(done, 2500));
  const shows = (wanted) =>
    page.waitForFunction(
      (text) => document.body.innerText.replaceAll('\u00a0', ' ').includes(text),
      { timeout: 20_000 },
      wanted,
    );
  await shows('→ 1×28×28');
  await shows('▶ Run');
  await settled();
  await page.screenshot({ path: join(pictures, 'shapes.png'), clip: { x: 0, y: 0, width: 850, height: 535 } });
  // A layer too narrow, and completion in a line that is not complete yet.
  await page.evaluate(() => {
    const { editor } = window;
    const model = editor.getModel();
    const at = model.findMatches('dense(input.size, activation=sigmoid)', false, false, true, null, false)[0].range;
    editor.executeEdits('person', [{ range: at, text: 'dense(100, activation=sigmod)\n    den' }]);
    const line = at.startLineNumber + 1;
    editor.setPosition({ lineNumber: line, column: model.getLineMaxColumn(line) });
    editor.focus();
    editor.trigger('person', 'editor.action.triggerSuggest', {});
  });
  await shows('dense(features');
  await settled();
  await page.screenshot({ path: join(pictures, 'completion.png') });
  console.log(`look at ${join(pictures, 'shapes.png')} and ${join(pictures, 'completion.png')}`);
} finally {
  await browser.close();
  for (const server of servers) server.kill();
  http.close();
  rmSync(project, { recursive: true });
}
