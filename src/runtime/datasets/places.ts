import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where to look for published data sets. */
export interface DataPlaces {
  /** Folder named by AEDSL_DATA, with files in it or in a subfolder named after the data set. Null if not set. */
  readonly provided: string | null;
  /** User cache with a folder per data set; downloads go here. */
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
