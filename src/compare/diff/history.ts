import { type ExperimentPlace, experimentsOf } from '../../project/versioned-project.js';
import { lockPath } from '../../runtime/provenance/lock-file.js';
import type { Repository } from '../../runtime/provenance/repository.js';
import { commitSnapshot } from '../../runtime/provenance/snapshot.js';
import type { Words } from '../../words/word.js';
import { SnapshotWorld } from './snapshot-world.js';
import { type Version, versionAt } from './version.js';

/** An experiment through the history of a commit, followed through renames of its file. */
export class ExperimentHistory {
  readonly #repository: Repository;
  readonly #name: string;
  readonly #files: readonly string[];
  readonly #words: Words;

  /** @param tip commit in which `place` names it */
  constructor(repository: Repository, place: ExperimentPlace, tip: string, words: Words) {
    this.#repository = repository;
    this.#words = words;
    this.#name = place.name;
    // A link to it may once have been the file itself.
    const names = [place.file, ...repository.linksTo(tip, place.file)];
    this.#files = [...new Set(names.flatMap((name) => repository.namesOf(name, tip)))];
  }

  /** Every path the experiment or its lock file has had. */
  get paths(): readonly string[] {
    return this.#files.flatMap((file) => [file, lockPath(file)]);
  }

  /** Null if it did not exist. @throws MissingObjectError */
  placeAt(commit: string): ExperimentPlace | null {
    const snapshot = commitSnapshot(this.#repository, commit, commit.slice(0, 7));
    for (const file of this.#files) {
      const places = experimentsOf(snapshot, file);
      const [only, ...others] = places;
      // The only experiment of a file may be renamed.
      const found = places.find(({ name }) => name === this.#name) ?? (others.length === 0 ? only : undefined);
      if (found) return found;
      // A file that does not parse may well contain the experiment.
      if (places.length === 0 && snapshot.read(file) !== null) return { file, name: this.#name };
    }
    return null;
  }

  /** Null if it did not exist. @throws MissingObjectError */
  versionAt(commit: string): Version | null {
    const place = this.placeAt(commit);
    if (place === null) return null;
    const world = new SnapshotWorld(commitSnapshot(this.#repository, commit, commit.slice(0, 7)));
    try {
      return versionAt(place, world, this.#words);
    } finally {
      world.close();
    }
  }
}
