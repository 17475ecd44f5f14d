import type { SignatureHelp } from 'vscode-languageserver';
import type { Library } from '../compiler/library/library.js';
import { describeWord, firstSentence } from '../compiler/library/reference.js';
import { parameterMarkdown } from './markdown.js';
import { parameterAt } from './reader.js';
import { cursorAt, type Reading } from './reading.js';

/** How the word is written whose parentheses an offset is in, and which argument that is. */
export function signatureAt(reading: Reading, library: Library, offset: number): SignatureHelp | null {
  const call = cursorAt(reading, offset, library)?.call ?? null;
  if (call === null || call.definition === null) return null;
  const { signature, doc, parameters } = describeWord(call.definition);
  let at = signature.indexOf('(');
  const shown = parameters.map((parameter) => {
    const start = at + signature.slice(at).search(new RegExp(`(?<=[( ])${parameter.name}(?=[=?,)])`));
    const end = start + parameter.name.length;
    at = end;
    const label: [number, number] = [start, end];
    return { label, documentation: { kind: 'markdown' as const, value: parameterMarkdown(parameter) } };
  });
  const name = parameterAt(call);
  const active = parameters.findIndex((parameter) => parameter.name === name);
  return {
    signatures: [
      { label: signature, documentation: { kind: 'markdown', value: firstSentence(doc) }, parameters: shown },
    ],
    activeSignature: 0,
    // One beyond the last is none.
    activeParameter: active < 0 ? parameters.length : active,
  };
}
