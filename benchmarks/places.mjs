// Folders of the benchmark.
import { pathToFileURL } from 'node:url';

export const projectFolder = new URL('../', import.meta.url);

/** The built package. */
export const builtFolder = process.env.AEDSL_BUILT
  ? pathToFileURL(`${process.env.AEDSL_BUILT}/`)
  : new URL('dist/', projectFolder);

/** Everything that the benchmark installs; git ignores it. */
export const peersFolder = new URL('.aedsl/peers/', projectFolder);
