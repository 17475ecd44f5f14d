import type { ArgumentValue, Value, WordValue } from '../ir/value.js';
import type { Library } from './library.js';
import type { Parameter } from './parameter.js';
import type { AnyWord } from './word.js';

/** Value of an omitted parameter; null if nothing takes its place, and for a layer's label. */
export function defaultOf(parameter: Parameter, library: Library): Value {
  if (parameter.default === undefined || parameter.default === null) return null;
  switch (parameter.type) {
    case 'word': {
      const definition: AnyWord | undefined = library.find(parameter.family, parameter.default);
      return definition ? withDefaults(definition, library) : null;
    }
    case 'pair':
      return [parameter.default, parameter.default];
    case 'integer':
    case 'real':
    case 'boolean':
    case 'choice':
    case 'text':
      return parameter.default;
    case 'layer':
    case 'list':
      return null;
  }
}

/** A word with all arguments at their defaults. */
export function withDefaults(definition: AnyWord, library: Library): WordValue {
  const entries = Object.entries(definition.parameters).map(([name, parameter]): readonly [string, ArgumentValue] => [
    name,
    { value: defaultOf(parameter, library), origin: 'default' },
  ]);
  const { family, name: word, version, defined } = definition;
  const meaning = defined === undefined ? {} : { definition: defined };
  return { kind: 'word', family, word, version, ...meaning, arguments: Object.fromEntries(entries) };
}
