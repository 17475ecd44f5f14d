import type { ParameterDescription } from '../compiler/library/reference.js';
import { describeWord } from '../compiler/library/reference.js';
import type { AnyWord } from '../compiler/library/word.js';

/** Longest text that is shown; names and values in a text may be of any length. */
const mostCharacters = 8000;

/** A word's documentation as Markdown: its syntax, effect, arguments and origin. */
export function wordMarkdown(word: AnyWord): string {
  const described = describeWord(word);
  const { family, doc, parameters, settings, source, module } = described;
  return joined([
    codeBlock(described.signature),
    `*${family}*${module === null ? '' : ` from \`${module}\``}`,
    doc,
    list(parameters),
    settings.length > 0 ? `Settings:\n\n${list(settings)}` : '',
    source === null ? '' : `Source: ${source}`,
  ]);
}

/** One argument or setting as Markdown. */
export function parameterMarkdown({ name, doc, values, default: byDefault, isRequired }: ParameterDescription): string {
  const absent = byDefault === null ? (isRequired ? 'required' : 'optional') : `default \`${byDefault}\``;
  return `\`${name}\`: ${doc} *(${values}; ${absent})*`;
}

export function codeBlock(text: string): string {
  // A fence longer than any in the text.
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}ae\n${text}\n${fence}`;
}

/** A name or text of a file within a sentence. */
export function code(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ');
  if (!plain.includes('`')) return `\`${plain}\``;
  return `\`\` ${plain.replaceAll(/`{2,}/g, '`')} \`\``;
}

export function joined(parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('\n\n');
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`;
}

function list(parameters: readonly ParameterDescription[]): string {
  return parameters.map((parameter) => `- ${parameterMarkdown(parameter)}`).join('\n');
}
