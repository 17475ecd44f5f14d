import { LockError, type LockFile, type LockSection, lockPath, parseLock } from '../../runtime/provenance/lock-file.js';
import type { Snapshot } from '../../runtime/provenance/snapshot.js';

/** An `.ae` file's lock file: read, absent or unreadable. */
export type Locked =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly lock: LockFile; readonly text: string }
  | { readonly kind: 'unreadable'; readonly problem: LockError; readonly text: string };

/** @throws MissingObjectError */
export function lockAt(snapshot: Snapshot, file: string): Locked {
  const path = lockPath(file);
  const bytes = snapshot.read(path);
  if (bytes === null) return { kind: 'none' };
  const text = new TextDecoder().decode(bytes);
  try {
    return { kind: 'read', lock: parseLock(text, snapshot.commit === null ? path : `${snapshot.title}:${path}`), text };
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    return { kind: 'unreadable', problem: error, text };
  }
}

/** The sections of one experiment: first as written, then with other params. */
export function sectionsOf(locked: Locked, name: string): readonly LockSection[] {
  if (locked.kind !== 'read') return [];
  return locked.lock.sections
    .filter((section) => section.name === name)
    .sort((a, b) => a.params.length - b.params.length);
}
