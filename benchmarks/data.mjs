// The images of the benchmark: real MNIST where AEDSL_DATA has it, else digits that the package draws.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFolder, peersFolder } from './places.mjs';

/** @returns the IDX file for PyTorch, and what `--data` is for a number of training examples */
export async function images() {
  const folder = process.env.AEDSL_DATA ?? '';
  const name = 'train-images-idx3-ubyte.gz';
  const found = [join(folder, 'mnist', name), join(folder, name)].find((path) => folder !== '' && existsSync(path));
  if (found) return { name: 'MNIST', file: found, data: (take) => `mnist(take=${take})` };
  return { name: 'drawn digits', file: await drawn(), data: (take) => `digits(take=${take})` };
}

/** Colour images of 3×28×28 as one array: the drawn digits, each with the two after it as its other channels. */
export async function colourImages() {
  const file = fileURLToPath(new URL('colours.npy', peersFolder));
  if (existsSync(file)) return file;
  const [{ drawDigits }, { encodeNpy }] = await Promise.all([
    import(new URL('src/runtime/datasets/digits/digits.js', builtFolder).href),
    import(new URL('src/runtime/formats/npy.js', builtFolder).href),
  ]);
  const [count, channels, pixels] = [12_800, 3, 28 * 28];
  const { values } = drawDigits('train', count + channels - 1);
  const colours = new Uint8Array(count * channels * pixels);
  for (let image = 0; image < count; image++) {
    colours.set(values.subarray(image * pixels, (image + channels) * pixels), image * channels * pixels);
  }
  mkdirSync(fileURLToPath(peersFolder), { recursive: true });
  writeFileSync(file, encodeNpy([count, channels, 28, 28], colours));
  return file;
}

async function drawn() {
  const file = fileURLToPath(new URL('digits.idx', peersFolder));
  if (existsSync(file)) return file;
  const { drawDigits } = await import(new URL('src/runtime/datasets/digits/digits.js', builtFolder).href);
  const count = 60_000;
  const header = Buffer.alloc(16);
  for (const [i, word] of [0x0803, count, 28, 28].entries()) header.writeUInt32BE(word, 4 * i);
  mkdirSync(fileURLToPath(peersFolder), { recursive: true });
  writeFileSync(file, Buffer.concat([header, drawDigits('train', count).values]));
  return file;
}
