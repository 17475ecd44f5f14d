import type { Document } from './document.js';

/** A printed line, before alignment. */
export interface PrintedLine {
  readonly text: string;
  /** Offsets of the line's columns, in code units. */
  readonly columns: readonly { readonly name: string; readonly at: number }[];
  /** Trailing comments; may be empty. */
  readonly comment: string;
}

interface Command {
  readonly indentation: number;
  readonly broken: boolean;
  readonly document: Document;
}

const indentationStep = 2;

/** Chooses the line breaks of a document, so that lines are at most `width` wide if possible. */
export function print(document: Document, width: number): readonly PrintedLine[] {
  return new Printer(width).print(document);
}

class Printer {
  readonly #width: number;
  readonly #lines: PrintedLine[] = [];
  #text = '';
  #columns: { readonly name: string; readonly at: number }[] = [];
  #comments: string[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  print(document: Document): readonly PrintedLine[] {
    const stack: Command[] = [{ indentation: 0, broken: true, document }];
    for (let command = stack.pop(); command !== undefined; command = stack.pop()) this.#run(command, stack);
    this.#endLine();
    return this.#lines;
  }

  #run({ indentation, broken, document }: Command, stack: Command[]): void {
    switch (document.kind) {
      case 'text':
        this.#text += document.text;
        return;
      case 'concat':
        for (const part of document.parts.toReversed()) stack.push({ indentation, broken, document: part });
        return;
      case 'indent':
        stack.push({ indentation: indentation + indentationStep, broken, document: document.content });
        return;
      case 'group': {
        const isFlat = !document.shape.breaks && this.#fits(document, stack);
        stack.push({ indentation, broken: !isFlat, document: document.content });
        return;
      }
      case 'line':
        if (broken) this.#startLine(indentation, false);
        else this.#text += document.flat;
        return;
      case 'newline':
        this.#startLine(indentation, document.blank);
        return;
      case 'suffix':
        this.#comments.push(document.text);
        return;
      case 'if-broken':
        if (broken) this.#text += document.text;
        return;
      case 'column':
        this.#columns.push({ name: document.name, at: this.#text.length });
        return;
    }
  }

  #startLine(indentation: number, blank: boolean): void {
    this.#endLine();
    if (blank) this.#lines.push({ text: '', columns: [], comment: '' });
    this.#text = ' '.repeat(indentation);
  }

  #endLine(): void {
    const text = this.#text.trimEnd();
    const columns = this.#columns.filter(({ at }) => at < text.length);
    // Only one comment can extend to the end of the line: earlier ones get lines of their own.
    const isFull = this.#comments.slice(0, -1).some((comment) => comment.startsWith('//'));
    const ahead = isFull ? this.#comments.slice(0, -1) : [];
    const indentation = this.#indentationOfComments();
    for (const comment of ahead) this.#lines.push({ text: indentation + comment, columns: [], comment: '' });
    this.#lines.push({ text, columns, comment: this.#comments.slice(ahead.length).join(' ') });
    this.#text = '';
    this.#columns = [];
    this.#comments = [];
  }

  /** Same depth as the line, or as the contents of the bracket it closes. */
  #indentationOfComments(): string {
    const [whole = '', spaces = ''] = /^( *)[)\]}]?/.exec(this.#text) ?? [];
    return whole === spaces ? spaces : ' '.repeat(spaces.length + indentationStep);
  }

  /** Returns whether a document fits on the rest of the line, with what follows it up to the next line break. */
  #fits(document: Document, following: readonly Command[]): boolean {
    const lastLine = this.#text.length - (this.#text.lastIndexOf('\n') + 1);
    let room = this.#width - lastLine - document.shape.width;
    const stack: Document[] = [];
    for (let next = following.length - 1; room >= 0 && next >= 0; next--) {
      const command = following[next];
      if (command === undefined) break;
      if (!command.broken) {
        room -= command.document.shape.width;
        continue;
      }
      stack.push(command.document);
      for (let part = stack.pop(); room >= 0 && part !== undefined; part = stack.pop()) {
        if (part.kind === 'line' || part.kind === 'newline') return true;
        if (part.kind === 'text' && part.shape.breaks) return part.text.indexOf('\n') <= room;
        if (part.kind === 'if-broken') room -= part.text.length;
        // Prefer breaking a later group to breaking this one.
        else if (part.kind === 'indent' || part.kind === 'group') stack.push(part.content);
        else if (part.kind === 'concat') for (const each of part.parts.toReversed()) stack.push(each);
        else room -= part.shape.width;
      }
    }
    return room >= 0;
  }
}
