/** The part of the package that is used; it comes without types. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decode' {
  interface Decoder {
    /** Memory for the file. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws the address of a C++ exception. */
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
    delete(): void;
  }

  interface Library {
    readonly JPEGDecoder: new () => Decoder;
  }

  export default function load(options: {
    readonly print: (line: string) => void;
    readonly printErr: (line: string) => void;
  }): Promise<Library>;
}
