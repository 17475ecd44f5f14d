import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** The browser of this machine; null where there is none. */
export function findBrowser(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return names.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

export interface Visit {
  /** Every request that the page made, its own file among them. */
  readonly requests: readonly string[];
  /** What the console shows: errors, refusals, and what a script writes. */
  readonly messages: readonly string[];
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** PNG. */
  screenshot(): Promise<Uint8Array>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Opens a file in a real browser, through the pipe of its DevTools protocol, and looks at it until `use` is done. */
export async function visit<T>(
  browser: string,
  path: string,
  use: (visit: Visit) => Promise<T>,
  colours: 'light' | 'dark' = 'light',
): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'aedsl-browser-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run'];
  const child = spawn(browser, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own: the browser's other processes write to the profile until they are gone too.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    return await look(child, path, use, colours);
  } finally {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
}

async function look<T>(
  child: ChildProcess,
  path: string,
  use: (visit: Visit) => Promise<T>,
  colours: 'light' | 'dark',
): Promise<T> {
  const requests: string[] = [];
  const messages: string[] = [];
  const protocol = new Protocol(child, (method, params) => {
    if (method === 'Network.requestWillBeSent') requests.push(String(fields(params.request).url));
    if (method === 'Log.entryAdded') messages.push(JSON.stringify(params.entry));
    if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
      messages.push(JSON.stringify(params));
    if (method === 'Page.javascriptDialogOpening') messages.push(`dialog: ${params.message}`);
  });
  const targets = fields(await protocol.send('Target.getTargets', {})).targetInfos;
  const target = (Array.isArray(targets) ? targets : []).map(fields).find(({ type }) => type === 'page');
  const attached = await protocol.send('Target.attachToTarget', { targetId: target?.targetId, flatten: true });
  const session = String(fields(attached).sessionId);
  const send = (method: string, params: Fields) => protocol.send(method, params, session);
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await send(`${domain}.enable`, {});
  await send('Emulation.setDeviceMetricsOverride', { width: 1100, height: 900, deviceScaleFactor: 1, mobile: false });
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] });
  const loaded = protocol.once('Page.loadEventFired');
  await send('Page.navigate', { url: pathToFileURL(path).href });
  await loaded;
  return use({
    requests,
    messages,
    async evaluate(expression) {
      const result = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      return fields(fields(result).result).value;
    },
    async screenshot() {
      const { data } = fields(await send('Page.captureScreenshot', { captureBeyondViewport: true }));
      return Buffer.from(String(data), 'base64');
    },
  });
}

/** Messages are JSON, each ended by a zero byte. */
class Protocol {
  readonly #input: Writable;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #waiting = new Map<string, () => void>();
  #last = 0;

  constructor(child: ChildProcess, listener: (method: string, params: Fields) => void) {
    const [, , , input, output] = child.stdio;
    if (!isWritable(input) || !isReadable(output)) throw new Error('the browser has no pipes');
    this.#input = input;
    let text = '';
    output.setEncoding('utf8');
    output.on('data', (chunk: string) => {
      const parts = (text + chunk).split('\0');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const { id, method, result, params } = fields(JSON.parse(part));
        if (typeof id === 'number') this.#answers.get(id)?.(result);
        if (typeof method !== 'string') continue;
        listener(method, fields(params));
        this.#waiting.get(method)?.();
      }
    });
  }

  send(method: string, params: Fields, sessionId?: string): Promise<unknown> {
    const id = ++this.#last;
    const answer = new Promise<unknown>((resolve) => this.#answers.set(id, resolve));
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    return answer;
  }

  once(method: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(method, resolve));
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function isWritable(stream: Readable | Writable | null | undefined): stream is Writable {
  return stream !== null && stream !== undefined && 'write' in stream;
}

function isReadable(stream: Readable | Writable | null | undefined): stream is Readable {
  return stream !== null && stream !== undefined && 'setEncoding' in stream;
}
