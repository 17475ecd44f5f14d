import { loadOutsideWords } from '../../project/outside-words.js';
import { backendNames } from '../../runtime/backend/backend.js';
import { builtinWords } from '../../words/words.js';
import { localEngine } from './local-engine.js';
import { decodeRequest, encodeMessage, type RemoteMessage } from './replay-protocol.js';

/**
 * The other end of a remote engine: reads a request from standard input, trains, and says on standard output what happens.
 * It is started by `remote-engine.ts`, perhaps with another Node or from another revision; who started it ends it.
 */
async function serve(): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of process.stdin) parts.push(part);
  const { backend, threads, words, ...request } = decodeRequest(Buffer.concat(parts).toString('utf8'));
  const name = backendNames.find((known) => known === backend);
  if (!name) throw new RangeError(`there is no backend '${backend}'`);
  const engine = localEngine({ backend: name, threads, library: await loadOutsideWords(builtinWords, words) });
  const end = await engine.replay(request, {
    onLink(link) {
      say({ type: 'link', link });
      return true;
    },
    onWitness: (witness) => say({ type: 'witness', witness }),
    onTensor: (place, values) => say({ type: 'tensor', place, values }),
  });
  say({ type: 'end', end });
}

function say(message: RemoteMessage): void {
  process.stdout.write(`${encodeMessage(message)}\n`);
}

// The process that started this one decides what a closed terminal means.
process.on('SIGHUP', () => {});
try {
  await serve();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? String(error.hint) : '';
  say({ type: 'error', message, hint });
}
// Threads of a backend would keep it alive.
process.stdout.write('', () => process.exit(0));
