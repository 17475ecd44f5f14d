import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where published data sets are looked for. */
export interface DataPlaces {
  /** The folder that AEDSL_DATA names: files in it, or in a folder of the data set's name in it. Null where it isn't set. */
  readonly provided: string | null;
  /** The user's cache: a folder for each data set. Downloads go here. */
  readonly cache: string;
}

/** The places that an environment stands for (`process.env`). */
export function dataPlaces(environment: Readonly<Record<string, string | undefined>>): DataPlaces {
  const provided = environment.AEDSL_DATA ?? '';
  return { provided: provided === '' ? null : provided, cache: join(cacheHome(environment), 'aedsl', 'data') };
}

/** The XDG base directory specification's, Windows's, or ~/.cache. */
function cacheHome(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = environment;
  if (xdg.startsWith('/')) return xdg;
  return local === '' ? join(homedir(), '.cache') : local;
}
