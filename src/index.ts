/**
 * What most programs need: compiling, training, loading and using models, and every error. The other entries are imported by
 * their names, as `aedsl/results`, so that a program loads what it uses.
 *
 * @module
 */
export * from './api/compiler.js';
export * from './api/errors.js';
export * from './api/events.js';
export * from './api/models.js';
export * from './api/project.js';
export * from './api/training.js';
