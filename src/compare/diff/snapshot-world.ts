import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { FileDescription, FileFormat, FileRequest, UsedExamples } from '../../compiler/library/data-file.js';
import type { Result } from '../../compiler/library/word.js';
import { failed } from '../../compiler/library/word.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import { makeFolder } from '../../files/folders.js';
import { pathWithin } from '../../files/paths.js';
import { fileWorld, wrongEnding } from '../../project/world.js';
import { listImages } from '../../runtime/datasets/images.js';
import { isPictureName } from '../../runtime/datasets/pictures.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';
import { withoutCarriageReturns } from '../../runtime/provenance/working-tree.js';

/**
 * The compiler's view of a project in a commit or on disk. Loaders read files, so data files that only git has are
 * written to a temporary folder, which `close` removes: those of a commit, and those that a sparse checkout leaves out.
 */
export class SnapshotWorld implements World {
  readonly snapshot: Snapshot;
  readonly #places = new Map<string, string>();
  readonly #data = new Map<string, string>();
  /** Data on disk, by the source that names them. */
  readonly #onDisk = new Map<string, Set<string>>();
  /** Sources with data that a sparse checkout leaves out. */
  readonly #withLeftOut = new Set<string>();
  #folder: string | null = null;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** SHA-256 of the data file described for a request, or of all pictures of a folder; null if there is none. */
  dataOf({ path }: Pick<FileRequest, 'path'>, from: Source): { readonly path: string; readonly sha256: string } | null {
    const place = this.#inProject(path, from);
    if (place === null) return null;
    const sha256 = this.#data.get(place);
    if (sha256 !== undefined) return { path: place, sha256 };
    const pictures = [...this.#data].filter(([file]) => file.startsWith(`${place}/`) && isPictureName(file)).sort();
    if (pictures.length === 0) return null;
    return { path: place, sha256: createHash('sha256').update(JSON.stringify(pictures)).digest('hex') };
  }

  /** A text file of the snapshot; null if it has none. */
  source(path: string): Source | null {
    const bytes = this.snapshot.read(path);
    if (bytes === null) return null;
    const { commit, title, root } = this.snapshot;
    const shown = commit === null ? relative(process.cwd(), join(root, path)) : `${title}:${path}`;
    this.#places.set(shown, path);
    return { path: shown, text: new TextDecoder().decode(bytes) };
  }

  /**
   * The path against which a source's data files can be read: its own on disk, or its place in the temporary folder.
   * It holds only files that the compiler has read.
   */
  placeOnDisk(source: Source): string {
    const path = this.#places.get(source.path);
    if (path === undefined) return source.path;
    if (this.snapshot.commit === null) {
      if (!this.#withLeftOut.has(source.path)) return source.path;
      for (const place of this.#onDisk.get(source.path) ?? []) {
        cpSync(join(this.snapshot.root, place), pathWithin(this.#temporaryFolder(), place), { recursive: true });
      }
    }
    return pathWithin(this.#temporaryFolder(), path);
  }

  readSource(path: string, from: Source): Source | { readonly problem: string } {
    return this.#named(path, from, '.ae');
  }

  readTable(path: string, from: Source | null): Source | { readonly problem: string } {
    return from === null ? { problem: 'versions are compared without it' } : this.#named(path, from, '.csv');
  }

  pathSeenFrom(_base: Source, path: string): string {
    return path;
  }

  #named(path: string, from: Source, ending: '.ae' | '.csv'): Source | { readonly problem: string } {
    const place = this.#inProject(path, from);
    if (place === null) return { problem: `it is outside the project (${this.snapshot.root})` };
    if (!place.endsWith(ending)) return { problem: wrongEnding[ending] };
    return this.source(place) ?? { problem: `there is no such file in ${this.snapshot.title}` };
  }

  readonly describeFile =
    (from: Source) =>
    <R extends FileRequest>(
      request: R,
      used: UsedExamples | undefined,
      format: FileFormat<R>,
    ): Result<FileDescription> => {
      const place = this.#inProject(request.path, from);
      const { commit, root, title } = this.snapshot;
      const isOf = (path: string) => path === place || path.startsWith(`${place}/`);
      const leftOut = this.snapshot.leftOut().filter(isOf);
      if (place === null || (commit === null && leftOut.length === 0)) {
        const ruling = fileWorld().describeFile(from)(request, used, format);
        if (place !== null && ruling.ok) {
          this.#noteFile(place, join(root, place));
          this.#onDisk.set(from.path, new Set(this.#onDisk.get(from.path)).add(place));
        }
        return ruling;
      }
      if (commit === null) this.#withLeftOut.add(from.path);
      const paths = commit === null ? [...leftOut, ...picturesIn(root, place)] : this.snapshot.paths().filter(isOf);
      if (paths.length === 0) return failed('AE701', `cannot read '${request.path}': it is not in ${title}`);
      for (const path of paths) this.#extract(path);
      const folder = this.#temporaryFolder();
      const described = format.describe({ ...request, path: pathWithin(folder, place) }, used);
      if (described.ok) return described;
      const { problem } = described;
      return {
        ok: false,
        problem: { ...problem, message: problem.message.replaceAll(join(folder, sep), `${title}:`) },
      };
    };

  close(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  /** Resolves a path named by a source within the project; null if it leads outside. */
  #inProject(path: string, from: Source): string | null {
    const own = this.#places.get(from.path);
    if (own === undefined) return null;
    if (isAbsolute(path)) {
      const inside = relative(this.snapshot.root, resolve(path)).replaceAll('\\', '/');
      return inside.startsWith('..') || isAbsolute(inside) ? null : inside;
    }
    const place = posix.normalize(posix.join(posix.dirname(own), path.replaceAll('\\', '/')));
    return place.startsWith('..') ? null : place;
  }

  #extract(path: string): void {
    const bytes = this.snapshot.read(path);
    if (bytes === null || this.#data.has(path)) return;
    const target = pathWithin(this.#temporaryFolder(), path);
    makeFolder(dirname(target));
    // Names that differ only in case are the same on some drives.
    writeFileSync(target, bytes, { flag: 'wx' });
    this.#data.set(path, contentSha256(bytes));
  }

  #noteFile(place: string, path: string): void {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) this.#data.set(place, contentSha256(readFileSync(path)));
    if (!found?.isDirectory()) return;
    for (const file of picturesIn(this.snapshot.root, place)) {
      this.#data.set(file, contentSha256(readFileSync(join(this.snapshot.root, file))));
    }
  }

  #temporaryFolder(): string {
    if (this.#folder === null) {
      this.#folder = mkdtempSync(join(tmpdir(), 'aedsl-revision-'));
      // Marks the folder as the project of its files.
      makeFolder(join(this.#folder, '.git'));
    }
    return this.#folder;
  }
}

/** The pictures on disk in a folder of a project, by their places in it; none if it is no folder. */
function picturesIn(root: string, place: string): readonly string[] {
  const folder = join(root, place);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return listImages(folder).files.map((file) => posix.join(place, relative(folder, file).replaceAll('\\', '/')));
}

/** Hashes a text without the carriage returns that git may add on checkout; a file counts as text by git's rule. */
function contentSha256(bytes: Uint8Array): string {
  const isText = !bytes.subarray(0, 8000).includes(0);
  return createHash('sha256')
    .update(isText ? withoutCarriageReturns(bytes) : bytes)
    .digest('hex');
}
