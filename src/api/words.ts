/**
 * Words of your own, from modules that a project or a person names: their code runs when they are loaded.
 *
 * @module
 */
export type { WordModule } from '../compiler/library/word.js';
export {
  loadOutsideWords,
  modulesOfProject,
  notYetAllowed,
  rememberAllowed,
  wordModule,
} from '../project/outside-words.js';
export { configName } from '../project/project-config.js';
export { modulesOf, type OutsideWords, type WordKit } from '../words/outside.js';
