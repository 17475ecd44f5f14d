import { experimentsOf, type Place } from '../../project/versioned-project.js';
import { lockPath } from '../../runtime/provenance/lock-file.js';
import type { Repository } from '../../runtime/provenance/repository.js';
import { commitSnapshot } from '../../runtime/provenance/snapshot.js';
import type { Words } from '../../words/word.js';
import { SnapshotWorld } from './snapshot-world.js';
import { type Version, versionAt } from './version.js';

/** An experiment along the history of a commit, through the names that its file has had. */
export class ExperimentHistory {
  readonly #repository: Repository;
  readonly #name: string;
  readonly #files: readonly string[];
  readonly #words: Words;

  /** @param tip where `place` is what it is called */
  constructor(repository: Repository, place: Place, tip: string, words: Words) {
    this.#repository = repository;
    this.#words = words;
    this.#name = place.name;
    // A link to it may have been the file itself before.
    const names = [place.file, ...repository.linksTo(tip, place.file)];
    this.#files = [...new Set(names.flatMap((name) => repository.namesOf(name, tip)))];
  }

  /** Every path that the experiment or its lock file has had. */
  get paths(): readonly string[] {
    return this.#files.flatMap((file) => [file, lockPath(file)]);
  }

  /** Null where it was not there. @throws MissingObjectError */
  placeAt(commit: string): Place | null {
    const snapshot = commitSnapshot(this.#repository, commit, commit.slice(0, 7));
    for (const file of this.#files) {
      const places = experimentsOf(snapshot, file);
      const [only, ...others] = places;
      // The one experiment of a file is the same under another name.
      const found = places.find(({ name }) => name === this.#name) ?? (others.length === 0 ? only : undefined);
      if (found) return found;
      // Of a file that does not parse, it may well be one of the experiments.
      if (places.length === 0 && snapshot.read(file) !== null) return { file, name: this.#name };
    }
    return null;
  }

  /** Null where it was not there. @throws MissingObjectError */
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
