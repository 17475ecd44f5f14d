import { type BackendName, backendNames } from '../runtime/backend/backend.js';
import { exitCodes, Failure } from './failure.js';

/** @throws Failure for a name that no backend has */
export function backendOption(name: string | undefined): BackendName | 'auto' {
  if (name === undefined) return 'auto';
  const found = backendNames.find((backend) => backend === name);
  if (found) return found;
  throw new Failure(exitCodes.usage, `there is no backend '${name}'`, `there are ${backendNames.join(' and ')}`);
}
