import { afterAll, expect } from 'vitest';

// A hook at the top of a module that several files import belongs to the first of them: helpers make theirs in a function.

const folder = process.cwd();
const environment = { ...process.env };
const globals = valuesOfGlobals();

/** Without those that Node loads when they are first used. */
function valuesOfGlobals(): ReadonlyMap<string, unknown> {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
  return new Map(descriptors.flatMap(([name, { get, value }]) => (get === undefined ? [[name, value]] : [])));
}

/** What one file leaves changed, the next one in its worker would find. */
afterAll(() => {
  const now = valuesOfGlobals();
  const changed = [...globals].filter(([name, value]) => !Object.is(now.get(name), value)).map(([name]) => name);
  expect(
    { folder: process.cwd(), environment: { ...process.env }, globals: changed },
    'the file shares its worker with others, so it leaves everything as it was: vitest.config.ts',
  ).toEqual({ folder, environment, globals: [] });
});
