// libjpeg-turbo, compiled to JavaScript: the same pixels on every machine, and those that Pillow and torchvision see.
import libjpeg from '@cornerstonejs/codec-libjpeg-turbo-8bit/decode';

/** Pixels row by row, the channels of each side by side. */
export interface JpegPixels {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** @returns null for what is no whole JPEG file */
export type JpegDecoder = (bytes: Uint8Array) => JpegPixels | null;

// Errors are thrown as well, so printing is off.
const library = await libjpeg({ print: () => undefined, printErr: () => undefined });

export const decodeWithLibjpeg: JpegDecoder = (bytes) => {
  const decoder = new library.JPEGDecoder();
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
};
