import { createConnection } from 'vscode-languageserver';
import { createProtocolConnection } from 'vscode-languageserver-protocol/node';
import { type ServerOptions, serve } from './server.js';

/**
 * Serves one client over a pair of streams until it says `exit` or its stream ends.
 * @returns whether the client had asked for a shutdown before, or never spoke
 * @throws OutsideWordsError, FileError for a module of `words` that cannot be read
 */
export function serveStreams(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  options: ServerOptions,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let hasSpoken = false;
    const state = {
      shutdownReceived: false,
      initialize: () => {
        hasSpoken = true;
      },
      exit: () => end(),
    };
    const connection = createConnection((logger) => createProtocolConnection(input, output, logger), state);
    let stop = () => {};
    const end = () => {
      stop();
      connection.dispose();
      resolve(state.shutdownReceived || !hasSpoken);
    };
    input.once('end', end);
    input.once('close', end);
    // A client that has gone reads nothing any more.
    output.once('error', end);
    try {
      stop = serve(connection, options);
    } catch (error) {
      connection.dispose();
      reject(error);
    }
  });
}
