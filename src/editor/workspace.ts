import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DescribeFile } from '../compiler/library/data-file.js';
import { failed } from '../compiler/library/word.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import { realPath } from '../files/paths.js';
import { isSystemError } from '../files/system-error.js';
import { experimentFiles, onDisk, projectAround } from '../project/versioned-project.js';
import { fileWorld, readSourceFile } from '../project/world.js';

/** Most documents that are kept; a client with more forgets to close them. */
const mostDocuments = 2000;

/** Most files of a project in which a name is looked for. */
const mostFiles = 1000;

/** A text that the client has open. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly source: Source;
  /** Null for a text without a place on the disk. */
  readonly folder: string | null;
}

const unsaved = 'this text is in no file yet';

/**
 * The open documents on top of the disk: files are read by the same rules as in `aedsl check`, but the text of an open
 * document takes precedence. An unchanged file keeps its source object, so that it is parsed only once.
 */
export class Workspace {
  readonly #documents = new Map<string, OpenDocument>();
  readonly #open = new Map<string, Source>();
  readonly #read = new Map<string, Source>();
  readonly #described = new Map<string, { readonly stamp: string; readonly description: ReturnType<DescribeFile> }>();
  readonly #world: World;

  constructor() {
    this.#world = fileWorld('auto', this.#open);
  }

  get documents(): readonly OpenDocument[] {
    return [...this.#documents.values()];
  }

  document(uri: string): OpenDocument | null {
    return this.#documents.get(uri) ?? null;
  }

  /** Updates the text of a document. */
  set(uri: string, version: number, text: string): OpenDocument {
    const path = pathOf(uri);
    const before = this.#documents.get(uri);
    const source = before?.source.text === text ? before.source : { path: path ?? uri, text };
    const document = { uri, version, source, folder: path === null ? null : dirname(path) };
    if (before !== undefined || this.#documents.size < mostDocuments) this.#documents.set(uri, document);
    const real = path === null ? null : realPlace(path);
    if (real !== null) this.#open.set(real, source);
    return document;
  }

  close(uri: string): void {
    this.#documents.delete(uri);
    const path = pathOf(uri);
    const real = path === null ? null : realPlace(path);
    if (real !== null) this.#open.delete(real);
  }

  /** The project's experiments around a document, itself included, with the text of open documents. */
  projectSources({ source, folder }: OpenDocument): readonly Source[] {
    if (folder === null) return [source];
    const project = projectAround(folder);
    const { first, others } = experimentFiles(onDisk(project), project.prefix);
    const paths = [...first, ...others].slice(0, mostFiles).map((path) => join(project.root, path));
    const found = paths.flatMap((path): readonly Source[] => {
      const real = realPlace(path);
      const open = real === null ? undefined : this.#open.get(real);
      if (open !== undefined) return [open];
      const read = readSourceFile(path);
      return 'problem' in read ? [] : [this.#same(read)];
    });
    return found.includes(source) ? found : [source, ...found];
  }

  /** Forgets what data files were like, since a folder does not say that a file in it has changed. */
  forgetData(): void {
    this.#described.clear();
  }

  /** File access for a document, which adds the paths it reads to `reads`. */
  worldOf({ folder }: Pick<OpenDocument, 'folder'>, reads: Set<string> = new Set()): World {
    if (folder === null) {
      return {
        ...this.#world,
        readSource: () => ({ problem: unsaved }),
        readTable: () => ({ problem: unsaved }),
        describeFile: () => (request) => failed('AE701', `cannot read '${request.path}': ${unsaved}`),
      };
    }
    return {
      ...this.#world,
      readSource: (path, from) => {
        // A file that is not there yet counts too: it may be made.
        reads.add(resolve(dirname(from.path), path));
        const source = this.#world.readSource(path, from);
        return 'problem' in source ? source : this.#same(source);
      },
      readTable: (path, from) => {
        if (from !== null) reads.add(resolve(dirname(from.path), path));
        return this.#world.readTable(path, from);
      },
      describeFile: (from) => this.#remembering(this.#world.describeFile(from), from),
    };
  }

  /** A text of the disk that has not changed is the source that it was. */
  #same(source: Source): Source {
    const known = this.#read.get(source.path);
    if (known?.text === source.text) return known;
    if (this.#read.size >= mostDocuments) this.#read.clear();
    this.#read.set(source.path, source);
    return source;
  }

  /** Looks at a data file again only when it has changed: a large table takes longer than typing a letter may. */
  #remembering(describe: DescribeFile, from: Source): DescribeFile {
    return (request, used, format) => {
      const place = resolve(dirname(from.path), request.path);
      const stamp = stampOf(place);
      const key = JSON.stringify([from.path, request, used]);
      const known = this.#described.get(key);
      if (stamp !== null && known?.stamp === stamp) return known.description;
      const description = describe(request, used, format);
      if (stamp !== null && description.ok) {
        if (this.#described.size >= mostDocuments) this.#described.clear();
        this.#described.set(key, { stamp, description });
      }
      return description;
    };
  }
}

/** Modification time and size of a file; null if unavailable. */
function stampOf(place: string): string | null {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(place);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** The path of a `file:` URI; null for any other, and for one that names no file. */
export function pathOf(uri: string): string | null {
  try {
    const url = new URL(uri);
    if (url.protocol !== 'file:') return null;
    const path = fileURLToPath(url);
    return path.includes('\0') ? null : path;
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return null;
    throw error;
  }
}

/** The URI of a source: that of the document if it is open, else of its file. */
export function uriOf({ path }: Source, documents: readonly OpenDocument[]): string {
  const open = documents.find((document) => document.source.path === path);
  return open?.uri ?? pathToFileURL(resolve(path)).href;
}

function realPlace(path: string): string | null {
  try {
    return realPath(join(path));
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
