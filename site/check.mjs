// Opens pages of the built site in chromium: npm --prefix site run check. Each has to show its heading, and to log no error.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.aedsl/site', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png' };
const headings = {
  '/': 'aedsl',
  '/docs/tutorial': 'Tutorial',
  '/docs/from-pytorch': 'From PyTorch',
  '/docs/reference/layers': 'Layers and activations',
  '/grammar/language': 'The language',
};

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  const file = path.endsWith('/') ? `${path}index.html` : extname(path) === '' ? `${path}.html` : path;
  try {
    const content = readFileSync(join(folder, file));
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(content);
  } catch {
    response.writeHead(404);
    response.end();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

let failed = 0;
for (const [path, heading] of Object.entries(headings)) {
  const { page, errors } = await opened(`http://127.0.0.1:${server.address().port}${path}`);
  const shown = /<h1[^>]*>([^<]*)/.exec(page)?.[1]?.trim();
  const wrong = [...(shown === heading ? [] : [`the heading is '${shown}', not '${heading}'`]), ...errors];
  if (wrong.length > 0) failed++;
  for (const text of wrong) console.log(`${path}: ${text}`);
}
server.close();
console.log(`site: ${Object.keys(headings).length - failed} of ${Object.keys(headings).length} pages open`);
process.exitCode = failed === 0 ? 0 : 1;

/** The page after its scripts have run, and what they log as an error. */
async function opened(address) {
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--enable-logging=stderr',
    '--virtual-time-budget=5000',
  ];
  const chromium = spawn('chromium', [...options, '--dump-dom', address]);
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'])
    chromium[stream].setEncoding('utf8').on('data', (text) => (texts[stream] += text));
  await once(chromium, 'close');
  return {
    page: texts.stdout,
    errors: texts.stderr.split('\n').filter((line) => /CONSOLE.*(?:Error|Failed)/.test(line)),
  };
}
