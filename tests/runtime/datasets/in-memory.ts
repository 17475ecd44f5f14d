import type { Part, ValuesInMemory } from '../../../src/runtime/datasets/dataset.js';
import { areInMemory } from '../../../src/runtime/datasets/stored-rows.js';

/** The values of examples that are in memory. @throws if they stayed in their files */
export function inMemory({ values }: Pick<Part, 'values'>): ValuesInMemory {
  if (!areInMemory(values)) throw new Error('the examples stayed in their files');
  return values;
}
