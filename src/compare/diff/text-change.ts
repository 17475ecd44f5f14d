import { parse } from '../../compiler/syntax/parse.js';
import { type Source, withNewlines } from '../../compiler/syntax/source.js';
import { tokenize } from '../../compiler/syntax/tokenize.js';

/** How two texts of an experiment differ: not at all, in comments, in white space, or in words. */
export type TextChange = 'none' | 'comments' | 'layout' | 'wording';

/** Compares the text of one experiment, from the end of the previous one to its own end. */
export function textChange(before: Source, oldName: string, after: Source, newName: string): TextChange {
  const [old, now] = [passage(before, oldName), passage(after, newName)];
  if (withNewlines(old.text) === withNewlines(now.text)) return 'none';
  if (old.tokens !== now.tokens) return 'wording';
  return old.comments !== now.comments ? 'comments' : 'layout';
}

interface Passage {
  readonly text: string;
  /** Without comments and layout. */
  readonly tokens: string;
  readonly comments: string;
}

function passage(source: Source, name: string): Passage {
  const experiments = parse(source).value?.experiments ?? [];
  const index = experiments.findIndex((experiment) => experiment.name.name === name);
  const start = experiments[index - 1]?.span.end ?? 0;
  const end = experiments[index + 1] ? (experiments[index]?.span.end ?? 0) : source.text.length;
  const { tokens, comments } = tokenize(source);
  const inside = (offset: number) => offset >= start && offset < end;
  return {
    text: source.text.slice(start, end).trim(),
    tokens: tokens
      .filter(({ startOffset }) => inside(startOffset))
      .map(({ image }) => image)
      .join(' '),
    comments: comments
      .filter(({ span }) => inside(span.start))
      .map(({ text }) => text.trim())
      .join('\n'),
  };
}
