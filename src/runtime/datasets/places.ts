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
  return { provided: provided === '' ? null : provided, cache: join(userCache(environment), 'data') };
}

/** This program's folder in the cache of the XDG base directory specification, that of Windows, or ~/.cache. */
export function userCache(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = environment;
  const home = local === '' ? join(homedir(), '.cache') : local;
  return join(xdg.startsWith('/') ? xdg : home, 'aedsl');
}
