// libjpeg-turbo as WebAssembly: the same pixels on every machine, and those that Pillow and torchvision see.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Pixels row by row, the channels of each side by side. */
export interface JpegPixels {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** The part of the package that is used; it comes without types. */
interface Decoder {
  /** Memory for the file. */
  getEncodedBuffer(length: number): Uint8Array;
  /** Throws the address of a C++ exception. */
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
  delete(): void;
}

/** What Emscripten is handed, and fills. */
interface Module {
  print(line: string): void;
  printErr(line: string): void;
  instantiateWasm(
    imports: ConstructorParameters<typeof WebAssembly.Instance>[1],
    receive: (instance: WebAssembly.Instance) => unknown,
  ): unknown;
  readonly JPEGDecoder?: new () => Decoder;
}

const require = createRequire(import.meta.url);

let newDecoder: (() => Decoder) | null = null;

/** Loads the library when it is first needed: it is large, and few folders need it. */
function libjpeg(): () => Decoder {
  if (newDecoder !== null) return newDecoder;
  const load: (module: Module) => unknown = require('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
  const library: Module = {
    // Errors are thrown as well, so printing is off.
    print: () => undefined,
    printErr: () => undefined,
    // Compiled at once, and not in the background, since a folder is described without waiting.
    instantiateWasm(imports, receive) {
      const compiled = new WebAssembly.Module(
        readFileSync(require.resolve('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm')),
      );
      return receive(new WebAssembly.Instance(compiled, imports));
    },
  };
  load(library);
  const { JPEGDecoder } = library;
  if (JPEGDecoder === undefined) throw new Error('libjpeg did not start');
  newDecoder = () => new JPEGDecoder();
  return newDecoder;
}

/** @returns null for what libjpeg rejects or warns of */
export function decodeWithLibjpeg(bytes: Uint8Array): JpegPixels | null {
  const decoder = libjpeg()();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { width, height, componentCount: channels } = decoder.getFrameInfo();
    return { width, height, channels, data: decoder.getDecodedBuffer().slice() };
  } catch (error) {
    // C++ exceptions arrive as the addresses of what was thrown.
    if (typeof error === 'number') return null;
    throw error;
  } finally {
    decoder.delete();
  }
}
