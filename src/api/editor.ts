/**
 * The language server: what an editor asks of an experiment, answered by the compiler.
 *
 * @module
 */
export type { ServerOptions } from '../editor/server.js';
export { serveStreams } from '../editor/stdio.js';
