import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { serveStreams } from '../../src/editor/stdio.js';

/** An editor that speaks to a server in this process, through the bytes of the protocol. */
export class Client {
  readonly #connection: ProtocolConnection;
  readonly #published = new Map<string, PublishDiagnosticsParams>();
  readonly #waiting: (() => void)[] = [];
  readonly #versions = new Map<string, number>();
  readonly ended: Promise<boolean>;
  /** Questions of the server, and how they are answered. */
  readonly asked: string[] = [];
  answer: string | null = null;

  private constructor() {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    this.ended = serveStreams(toServer, toClient, { words: [], version: '0.0.0' });
    this.#connection = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
    this.#connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.set(params.uri, params);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.#connection.onRequest('window/showMessageRequest', ({ message }: { message: string }) => {
      this.asked.push(message);
      return this.answer === null ? null : { title: this.answer };
    });
    this.#connection.onRequest('client/registerCapability', () => null);
    for (const refreshed of ['codeLens', 'inlayHint']) {
      this.#connection.onRequest(`workspace/${refreshed}/refresh`, () => null);
    }
    this.#connection.listen();
  }

  static async start(capabilities: object = {}): Promise<Client> {
    const client = new Client();
    client.initialized = await client.request<InitializeResult>('initialize', {
      processId: null,
      rootUri: null,
      capabilities,
    });
    client.notify('initialized', {});
    return client;
  }

  initialized: InitializeResult | null = null;

  request<T>(method: string, params: unknown): Promise<T> {
    return this.#connection.sendRequest(method, params);
  }

  notify(method: string, params: unknown): void {
    void this.#connection.sendNotification(method, params);
  }

  /** Opens a text as a file of this path, and gives its URI. */
  open(path: string, text: string): string {
    const uri = path.includes(':') ? path : pathToFileURL(path).href;
    this.#versions.set(uri, 1);
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'aedsl', version: 1, text } });
    return uri;
  }

  change(uri: string, ...contentChanges: readonly object[]): void {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  close(uri: string): void {
    this.notify('textDocument/didClose', { textDocument: { uri } });
  }

  /** Asks about a place. */
  at<T>(method: string, uri: string, position: Position, more: object = {}): Promise<T> {
    return this.request<T>(`textDocument/${method}`, { textDocument: { uri }, position, ...more });
  }

  /** The diagnostics of the text as it is now. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    for (;;) {
      const published = this.#published.get(uri);
      if (published?.version === this.#versions.get(uri)) {
        this.#published.delete(uri);
        return published?.diagnostics ?? [];
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<boolean> {
    await this.request('shutdown', undefined);
    this.notify('exit', undefined);
    const isRight = await this.ended;
    this.#connection.dispose();
    return isRight;
  }
}

/** The position of the n-th occurrence of a text, or of the `|` in it. */
export function positionOf(text: string, wanted: string, n = 0): Position {
  const mark = wanted.indexOf('|');
  const plain = wanted.replace('|', '');
  let at = -1;
  for (let i = 0; i <= n; i++) at = text.indexOf(plain, at + 1);
  if (at < 0) throw new Error(`there is no '${plain}'`);
  const before = text.slice(0, at + Math.max(0, mark));
  return { line: before.split('\n').length - 1, character: before.length - (before.lastIndexOf('\n') + 1) };
}

/** The position of the `|` in a text, which is not part of it. */
export function positionOfMark(text: string): Position {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
