/** A stream whose writes can be taken over. */
export interface CapturedStream {
  write: NodeJS.WriteStream['write'];
}

/**
 * While the screen is taken, whatever writes to a stream would tear it: a warning of Node, a library, another part of the
 * command. Each line goes to `onLine` instead.
 *
 * @returns what gives the stream back
 */
export function captureLines(stream: CapturedStream, onLine: (line: string) => void): () => void {
  const original = stream.write;
  let rest = '';
  stream.write = (
    chunk: string | Uint8Array,
    encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
    const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
    callback?.();
    return true;
  };
  return () => {
    stream.write = original;
    if (rest.trim() !== '') onLine(rest);
    rest = '';
  };
}
