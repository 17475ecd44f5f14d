import {
  CodeActionKind,
  type CodeLens,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  type PublishDiagnosticsParams,
  ResponseError,
  type TextDocumentIdentifier,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Source } from '../compiler/syntax/source.js';
import { errorText } from '../files/system-error.js';
import { dataEntries, tableColumns } from '../project/data-entries.js';
import { Analyses, mostTrials } from './analysis.js';
import { completionsAt } from './completion.js';
import { lspDiagnostics } from './diagnostics.js';
import { fixesIn } from './fixes.js';
import { formattingEdits } from './formatting.js';
import { hoverAt } from './hover.js';
import { LastResults, lensesOf } from './lenses.js';
import { type Asked, Names } from './names.js';
import {
  definitionAt,
  highlightsAt,
  type NotRenamed,
  referencesAt,
  renameAt,
  renamedAt,
  symbolsOf,
} from './navigation.js';
import { offsetOf } from './positions.js';
import { ProjectWords } from './project-words.js';
import { longestRead, type Reading, readTokens } from './reading.js';
import { shapeHints } from './shape-hints.js';
import { signatureAt } from './signatures.js';
import { type OpenDocument, pathOf, uriOf, Workspace } from './workspace.js';

/** How long nobody types before a text is checked, and before its large sweeps are: ms. */
const pause = { check: 40, sweep: 600 } as const;

export interface ServerOptions {
  /** Modules of words that the user named, as with `--words`. */
  readonly words: readonly string[];
  readonly version: string;
}

/**
 * Speaks the Language Server Protocol: keeps the open texts, and asks pure functions about them.
 * @returns what ends it, after which nothing is sent
 * @throws OutsideWordsError, FileError for a module of `words` that cannot be read
 */
export function serve(connection: Connection, options: ServerOptions): () => void {
  const server = new Server(connection, options);
  server.listen();
  return () => server.stop();
}

class Server {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #workspace = new Workspace();
  readonly #analyses = new Analyses(this.#workspace);
  readonly #words: ProjectWords;
  readonly #results = new LastResults();
  readonly #version: string;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** Milliseconds of the last check of each document. */
  readonly #took = new Map<string, number>();
  #isStopped = false;
  #hasSnippets = false;

  constructor(connection: Connection, { words, version }: ServerOptions) {
    this.#connection = connection;
    this.#version = version;
    const person = {
      mayRun: async (question: string) => {
        const yes = { title: 'Load it, now and until it changes' };
        return (await connection.window.showWarningMessage(question, yes, { title: 'No' }))?.title === yes.title;
      },
      warn: (message: string) => connection.window.showWarningMessage(message),
    };
    this.#words = new ProjectWords(person, words, () => this.#checkAll());
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onHover(({ textDocument, position }) =>
      this.#answer(textDocument, null, (document, asked) => hoverAt(asked, offsetOf(document.source, position))),
    );
    connection.onCompletion(({ textDocument, position }) =>
      this.#answer(textDocument, [], (document, asked) => [
        ...completionsAt(asked, offsetOf(document.source, position), this.#hasSnippets),
      ]),
    );
    connection.onSignatureHelp(({ textDocument, position }) =>
      this.#answer(textDocument, null, ({ source }, { reading, library }) =>
        signatureAt(reading, library, offsetOf(source, position)),
      ),
    );
    connection.languages.inlayHint.on(({ textDocument, range }) =>
      this.#answer(textDocument, [], ({ source }, asked) => [
        ...shapeHints(asked, offsetOf(source, range.start), offsetOf(source, range.end)),
      ]),
    );
    connection.onCodeAction(({ textDocument, range }) =>
      this.#answer(textDocument, [], (document, { library, reading }) => {
        const { diagnostics } = this.#analyses.check(document, library);
        return [...fixesIn(diagnostics, reading, range, this.#uriOf)];
      }),
    );
    connection.onCodeLens(({ textDocument }) => this.#lenses(textDocument.uri));
    connection.onDocumentSymbol(({ textDocument }) =>
      this.#answer(textDocument, [], (_, { reading }) => [...symbolsOf(reading)]),
    );
    connection.onDefinition(({ textDocument, position }) =>
      this.#answer(textDocument, null, ({ source }, asked) =>
        definitionAt(asked, offsetOf(source, position), this.#uriOf),
      ),
    );
    connection.onReferences(({ textDocument, position }) =>
      this.#answer(textDocument, [], (document, asked) => [
        ...referencesAt(asked, offsetOf(document.source, position), this.#projectOf(document, asked), this.#uriOf),
      ]),
    );
    connection.onDocumentHighlight(({ textDocument, position }) =>
      this.#answer(textDocument, [], ({ source }, asked) => [...highlightsAt(asked, offsetOf(source, position))]),
    );
    connection.onPrepareRename(({ textDocument, position }) =>
      this.#answer(textDocument, null, ({ source }, asked) => renamed(renamedAt(asked, offsetOf(source, position)))),
    );
    connection.onRenameRequest(({ textDocument, position, newName }) =>
      this.#answer(textDocument, null, (document, asked) => {
        const files = this.#projectOf(document, asked);
        return renamed(renameAt(asked, offsetOf(document.source, position), newName, files, this.#uriOf));
      }),
    );
    connection.onDocumentFormatting(({ textDocument }) => {
      const document = this.#workspace.document(textDocument.uri);
      return document === null ? [] : [...formattingEdits(document.source)];
    });
    connection.onDidChangeWatchedFiles(() => this.#changedOnDisk());
    this.#documents.onDidChangeContent(({ document }) => this.#changed(document));
    this.#documents.onDidSave(() => this.#changedOnDisk());
    this.#documents.onDidClose(({ document }) => this.#closed(document.uri));
    this.#documents.listen(connection);
    connection.listen();
  }

  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#isStopped = true;
  }

  #initialize({ capabilities }: InitializeParams): InitializeResult {
    this.#hasSnippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['(', ',', '=', '.', ':', '{', '"', '/'] },
        signatureHelpProvider: { triggerCharacters: ['(', ','] },
        inlayHintProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        codeLensProvider: {},
        documentSymbolProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: { prepareProvider: true },
        documentFormattingProvider: true,
      },
      serverInfo: { name: 'aedsl', version: this.#version },
    };
  }

  /** Asks about a document that is open, and short enough to be read token by token. */
  #answer<T>({ uri }: TextDocumentIdentifier, otherwise: T, ask: (document: OpenDocument, asked: Asked) => T): T {
    const document = this.#workspace.document(uri);
    if (document === null || document.source.text.length > longestRead) return otherwise;
    return ask(document, this.#about(document));
  }

  #about(document: OpenDocument): Asked {
    const library = this.#analyses.words(document, this.#words.of(pathOf(document.uri)));
    const names = new Names(library, this.#workspace.worldOf(document));
    const reading: Reading = this.#analyses.reading(document, library);
    const analyses = this.#analyses;
    return {
      reading,
      library,
      names,
      entriesOf: (folder) => (document.folder === null ? [] : dataEntries(folder, document.source)),
      columnsOf: (path, { source }) => (document.folder === null ? [] : tableColumns(path, source)),
      get experiments() {
        return analyses.experiments(document, library);
      },
    };
  }

  async #lenses(uri: string): Promise<CodeLens[]> {
    const document = this.#workspace.document(uri);
    const path = pathOf(uri);
    if (document === null || path === null || document.folder === null) return [];
    const asked = this.#answer<Asked | null>({ uri }, null, (_, about) => about);
    if (asked === null) return [];
    const { experiments } = this.#analyses.check(document, asked.library);
    const trials = new Map(experiments.map((each) => [each.bound.name.name, each.trials]));
    const hashes = asked.experiments.flatMap(({ known }) => known()?.compiled?.hash ?? []);
    const results = await this.#results.of(document.folder, hashes);
    return [...lensesOf(asked, (name) => trials.get(name) ?? null, path, results)];
  }

  readonly #uriOf = (source: Source) => uriOf(source, this.#workspace.documents);

  /** All experiments of the project, to look for names in. */
  #projectOf(document: OpenDocument, { library }: Asked): readonly Reading[] {
    return this.#workspace.projectSources(document).map((source) => readTokens(source, library));
  }

  #changed(document: TextDocument): void {
    // Only what is a text by a name can be asked about, whatever a client sends.
    const { uri, text }: { readonly uri: unknown; readonly text: unknown } = {
      uri: document.uri,
      text: document.getText(),
    };
    if (typeof uri !== 'string' || typeof text !== 'string') return;
    const before = this.#workspace.document(document.uri);
    const { source } = this.#workspace.set(document.uri, document.version, document.getText());
    if (before?.source !== source) this.#checkDependents(source.path);
    this.#checkSoon(document.uri, pause.check);
  }

  #closed(uri: string): void {
    const document = this.#workspace.document(uri);
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.delete(uri);
    this.#took.delete(uri);
    this.#workspace.close(uri);
    if (document !== null) this.#checkDependents(document.source.path);
    this.#publish({ uri, diagnostics: [] });
  }

  /** A client that has gone by now misses nothing. */
  #publish(params: PublishDiagnosticsParams): void {
    this.#connection.sendDiagnostics(params).catch((error: unknown) => {
      if (!this.#isStopped) this.#connection.console.error(`aedsl: ${errorText(error)}`);
    });
  }

  #changedOnDisk(): void {
    this.#workspace.forgetData();
    this.#words.reload();
    this.#checkAll();
  }

  #checkAll(): void {
    this.#analyses.forget();
    for (const { uri } of this.#workspace.documents) this.#checkSoon(uri, pause.check);
  }

  #checkDependents(path: string): void {
    const dependents = this.#analyses.dependents(path);
    this.#analyses.forget(path);
    for (const { uri } of dependents) this.#checkSoon(uri, pause.check);
  }

  /** Waits as long as the last check took, if that is longer, so that the server is free to answer half of the time. */
  #checkSoon(uri: string, wait: number): void {
    const delay = wait === pause.check ? Math.max(wait, Math.min(this.#took.get(uri) ?? 0, pause.sweep - 1)) : wait;
    clearTimeout(this.#waiting.get(uri));
    if (this.#isStopped) return;
    this.#waiting.set(
      uri,
      setTimeout(() => {
        this.#waiting.delete(uri);
        try {
          const start = performance.now();
          this.#check(uri, wait === pause.sweep);
          if (wait === pause.check) this.#took.set(uri, performance.now() - start);
        } catch (error) {
          this.#connection.console.error(`aedsl: ${errorText(error)}`);
        }
      }, delay),
    );
  }

  #check(uri: string, isIdle: boolean): void {
    const document = this.#workspace.document(uri);
    if (document === null) return;
    const library = this.#words.of(pathOf(uri));
    const check = isIdle
      ? this.#analyses.check(document, library, mostTrials)
      : this.#analyses.check(document, library);
    const diagnostics = lspDiagnostics(check.diagnostics, this.#analyses.reading(document, library), this.#uriOf);
    this.#publish({ uri, version: document.version, diagnostics: [...diagnostics] });
    if (check.isPartial && !isIdle) this.#checkSoon(uri, pause.sweep);
  }
}

/** Says why a name cannot be given, as an answer and not as a defect. */
function renamed<T extends object>(result: T | NotRenamed | null): T | ResponseError<void> | null {
  if (result === null || !('problem' in result)) return result;
  return new ResponseError(LSPErrorCodes.RequestFailed, result.problem);
}
