import { constants } from 'node:buffer';

/*
 * Limits on data, so that an untrusted file causes an error message instead of exhausting memory. A file's stated size
 * is checked before memory for it is allocated.
 */

/** The bytes of one file, or of the examples of one part: as far as this Node can hold them in one array. */
export const mostDataBytes = Math.min(8 * 2 ** 30, constants.MAX_LENGTH - 1);

/** A file of an array, of which examples are read here and there: a sparse file may state any size. */
export const mostArrayFileBytes = 2 ** 39;

/** A gzipped file may unpack to this many times its size … */
export const mostUnpackedRatio = 100;

/** … or to this many bytes, whichever is more. */
export const leastUnpackedBytes = 256 * 2 ** 20;

/** Gzipped files and members of archives up to this size are unpacked at once; larger ones as they are read. */
export const mostUnpackedInMemory = 64 * 2 ** 20;

/** Deflate, which gzip and PNG use, can't shrink anything further than this. */
export const largestDeflateRatio = 1032;

/** The characters of one field of a table: what is longer is a quote that was never closed. */
export const mostFieldCharacters = 16 * 2 ** 20;

/** Different texts of a column of a table, each of which becomes a value of every row. */
export const mostCategories = 10_000;

/** One image file. */
export const mostImageFileBytes = 256 * 2 ** 20;

/** The values of one image: 16384 × 16384 grey pixels. */
export const mostImageValues = 2 ** 28;

/**
 * Bytes by which an image file's pixels may exceed the size its header states: a few kilobytes are not worth
 * decompressing twice.
 */
export const mostSurplusBytes = 16 * 2 ** 20;

/**
 * A JPEG file has at least one bit for every block of 8 × 8 pixels of its first component: the shortest Huffman code
 * there is (ITU-T T.81, annex C), for its mean in a progressive file. A file that states more pixels than that cannot
 * hold them.
 */
export const mostJpegPixelsPerByte = 8 * 8 * 8;

/** Scans of a JPEG file. Encoders make about ten of them, and 500 are what libjpeg-turbo advises to stop at. */
export const mostJpegScans = 500;

/** Pixels of a JPEG file times its scans, as each scan goes over all of them: the largest picture with 32 scans. */
export const mostJpegScannedPixels = 32 * mostImageValues;

/**
 * Sets of pictures up to this size are read whole, used or not, so that the checksum is the folder's. Of larger ones,
 * only the pictures in use are read.
 */
export const mostPicturesReadWhole = 64 * 2 ** 20;

/** The same limit for arrays; it is higher because reading an array is faster than decoding pictures. */
export const mostArrayReadWhole = 256 * 2 ** 20;

/** Examples that take less are converted at once after they were read; of others, a piece at a time. */
export const mostConvertedAtOnce = 64 * 2 ** 20;

/** Files that a pattern names, as shards of one array. */
export const mostShards = 2 ** 16;

/** Files in a folder of images, including its class folders. */
export const mostImageFiles = 2 ** 22;

/** A file of a published set; the largest, MNIST's training images, has 45 MiB. */
export const mostPublishedBytes = 64 * 2 ** 20;

/** The header of a NumPy file; numpy.load itself takes 10,000 bytes. */
export const mostNpyHeaderBytes = 2 ** 20;
