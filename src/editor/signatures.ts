import type { SignatureHelp } from 'vscode-languageserver';
import type { Library } from '../compiler/library/library.js';
import { describeWord, firstSentence } from '../compiler/library/reference.js';
import { type FormulaSignature, signatureOf } from './formulas.js';
import type { DefinitionFrame } from './frames.js';
import { parameterMarkdown } from './markdown.js';
import { parameterAt } from './reader.js';
import { cursorAt, type Reading } from './reading.js';

/** How the word is written whose parentheses an offset is in, and which argument that is. */
export function signatureAt(reading: Reading, library: Library, offset: number): SignatureHelp | null {
  const cursor = cursorAt(reading, offset, library);
  const frame = cursor?.frames[0];
  if (frame?.kind === 'definition') return formulaSignature(frame, library);
  const call = cursor?.call ?? null;
  if (call === null || call.definition === null) return null;
  const { signature, doc, parameters } = describeWord(call.definition);
  const described = parameters.map((each) => ({ name: each.name, doc: parameterMarkdown(each) }));
  const name = parameterAt(call);
  const active = parameters.findIndex((parameter) => parameter.name === name);
  return signatureHelp({ label: signature, doc: firstSentence(doc), parameters: described }, active);
}

/** How the function of a formula is written whose parentheses are the innermost. */
function formulaSignature({ open }: DefinitionFrame, library: Library): SignatureHelp | null {
  const call = open.at(-1);
  const signature = call === undefined || call.called === null ? null : signatureOf(call.called, library);
  if (call === undefined || signature === null) return null;
  const { name, position } = call;
  const active = name === null ? position : signature.parameters.findIndex((each) => each.name === name);
  return signatureHelp(signature, active);
}

/** @param active the argument at the cursor; -1 for none */
function signatureHelp({ label, doc, parameters }: FormulaSignature, active: number): SignatureHelp {
  let at = label.indexOf('(');
  const shown = parameters.map((parameter) => {
    const start = at + label.slice(at).search(new RegExp(`(?<=[( ])${parameter.name}(?=[=?,)])`));
    const end = start + parameter.name.length;
    at = end;
    const place: [number, number] = [start, end];
    const documentation = { kind: 'markdown' as const, value: parameter.doc };
    return parameter.doc === '' ? { label: place } : { label: place, documentation };
  });
  return {
    signatures: [{ label, documentation: { kind: 'markdown', value: doc }, parameters: shown }],
    activeSignature: 0,
    // One beyond the last is none.
    activeParameter: active < 0 ? parameters.length : Math.min(active, parameters.length),
  };
}
