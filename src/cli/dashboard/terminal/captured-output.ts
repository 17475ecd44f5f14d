export interface CapturedStream {
  write: NodeJS.WriteStream['write'];
}

/**
 * Redirects a stream to `onLine` while the dashboard has the screen, so that warnings of Node and other output do not
 * corrupt it.
 *
 * @returns a function that restores the stream
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
