import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `held(value, door)`: a value that never changes. While the door is shut, every step from the third epoch on takes a
 * quarter of a second without computing anything, so that a short training is still there, on any computer, when it is
 * looked at or told to end.
 */
const words = `import { existsSync } from 'node:fs';
const nobody = new Int32Array(new SharedArrayBuffer(4));
const isShut = (door) => existsSync(new URL(\`shut-\${door}\`, import.meta.url));
export default ({ parameter }) => ({
  schedule: [
    {
      name: 'held',
      version: 1,
      doc: 'A constant.',
      parameters: {
        value: parameter.real({ doc: 'The value.' }),
        door: parameter.integer({ doc: 'What holds it.', default: 1 }),
      },
      at: ({ value, door }, { epoch }) => {
        if (epoch >= 2 && isShut(door)) Atomics.wait(nobody, 0, 0, 250);
        return value;
      },
      settles: () => Infinity,
      beyond: () => null,
      extent: ({ value }) => [value, value],
      check: () => [],
    },
  ],
});
`;

/** Options of every command that knows the word. */
export const heldWords = ['--words', 'held.mjs'];

/** Writes the module with the word. */
export function bringHeldWords(folder: string): void {
  writeFileSync(join(folder, 'held.mjs'), words);
}

export function shut(folder: string, door = 1): void {
  writeFileSync(join(folder, `shut-${door}`), '');
}

export function open(folder: string, door = 1): void {
  rmSync(join(folder, `shut-${door}`));
}
