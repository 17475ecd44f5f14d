/**
 * This machine and this installation: backends, memory, git, the version of aedsl.
 *
 * @module
 */
export {
  type AddressSpace,
  addressSpace,
  needsSmallerMemories,
  withoutTrapHandler,
} from '../runtime/backend/address-space.js';
export { BackendUnavailable, type ChosenBackend, chooseBackend } from '../runtime/backend/choose.js';
export { mostMemory } from '../runtime/backend/most-memory.js';
export { gitVersion } from '../runtime/provenance/git.js';
export { commitProblem } from '../runtime/provenance/git-state.js';
export { installedVersion } from '../runtime/provenance/installed-package.js';
