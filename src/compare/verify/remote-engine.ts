import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve as resolvePath, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WordModule } from '../../compiler/library/word.js';
import { findProject } from '../../project/project.js';
import { withoutRepositoryVariables } from '../../runtime/provenance/git.js';
import { VerifyError } from '../../trial/verify-error.js';
import { complaint } from './complaint.js';
import type { Engine, ReplayEnd, ReplayListener, ReplayRequest } from './engine.js';
import { decodeMessage, encodeRequest, type RemoteMessage } from './replay-protocol.js';

export interface RemoteEngineOptions {
  readonly name: string;
  readonly backend: string;
  readonly threads: number | null;
  /** The modules of words from outside. */
  readonly words: readonly WordModule[];
  /** The program of Node to run it with. */
  readonly node: string;
  /** The built `replay-process.js` of the engine; this one's by default. */
  readonly program?: string;
  readonly onDispose?: () => void;
}

const ownProgram = fileURLToPath(new URL('./replay-process.js', import.meta.url));

/** An engine in a process of its own: other threads, another Node, another revision. */
export function remoteEngine(options: RemoteEngineOptions): Engine {
  return {
    name: options.name,
    replay: (request, listener, signal) => replay(options, request, listener, signal),
    dispose: () => options.onDispose?.(),
  };
}

async function replay(
  { name, backend, threads, node, words, program = ownProgram }: RemoteEngineOptions,
  request: ReplayRequest,
  listener: ReplayListener,
  signal: AbortSignal | undefined,
): Promise<ReplayEnd> {
  if (!existsSync(program)) {
    throw new VerifyError(`${name} cannot be run side by side: ${program} is missing`, 'build it: npm run build');
  }
  const { AEDSL_DATA: data = '' } = process.env;
  const child = spawn(node.includes(sep) ? resolvePath(node) : node, [program], {
    // Revisions that look for data nowhere else look from here.
    cwd: findProject(dirname(request.recordedIn.path)).folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...withoutRepositoryVariables(process.env), ...(data === '' ? {} : { AEDSL_DATA: resolvePath(data) }) },
    ...(signal ? { signal } : {}),
  });
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString('utf8')).slice(-2000);
  });
  // Whoever doesn't read the request has said why by then.
  child.stdin.on('error', () => {});
  child.stdin.end(encodeRequest({ ...request, backend, threads, words }));
  const outcome = await Promise.race([follow(name, child, listener), failed]).finally(() => child.kill());
  // Aborting is an error of the process as well.
  if (signal?.aborted === true) return stopped;
  if (outcome instanceof Error) {
    throw new VerifyError(`${name} could not be started: ${outcome.message}`, `is '${node}' a Node?`, {
      cause: outcome,
    });
  }
  await closed;
  if (outcome !== null) return outcome;
  throw new VerifyError(`${name} ended without a result: ${complaint(complaints)}`, 'a Node from 20.19 on is needed');
}

/** As much as is known of a training that was told to end. */
const stopped: ReplayEnd = { status: 'interrupted', weightsSha256: '', weights: null, weightsFileSha256: null };

async function follow(
  name: string,
  child: { readonly stdout: NodeJS.ReadableStream },
  listener: ReplayListener,
): Promise<ReplayEnd | null> {
  for await (const line of createInterface({ input: child.stdout })) {
    const message = messageOf(line, name);
    switch (message.type) {
      case 'link':
        if (!listener.onLink(message.link)) return stopped;
        break;
      case 'witness':
        listener.onWitness(message.witness);
        break;
      case 'tensor':
        listener.onTensor(message.place, message.values);
        break;
      case 'end':
        return message.end;
      case 'error':
        throw new VerifyError(message.message, message.hint);
    }
  }
  return null;
}

function messageOf(line: string, name: string): RemoteMessage {
  try {
    return decodeMessage(line);
  } catch (error) {
    throw new VerifyError(`${name} does not answer as a replay does: '${line.slice(0, 60)}'`, 'is it a Node?', {
      cause: error,
    });
  }
}
