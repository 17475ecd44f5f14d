import type { Key } from 'ink';

/**
 * Names the keys in one input: `up`, `ctrl-d`, `enter`, or the character. Fast typing and pastes arrive as one input of
 * several characters.
 */
export function keysOf(input: string, key: Key): readonly string[] {
  const named = special(key);
  if (named !== null) return [named];
  if (key.ctrl) return input.length === 1 ? [`ctrl-${input}`] : [];
  // Ignore Meta keys and late answers of the terminal.
  if (key.meta || /^(\[|_G)/.test(input)) return input === '[' && !key.meta ? ['['] : [];
  return [...input].flatMap((character) => characterName(character));
}

function special(key: Key): string | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageDown) return 'pagedown';
  if (key.pageUp) return 'pageup';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return key.shift ? 'shift-tab' : 'tab';
  // Many terminals send what Ink calls delete for the backspace key.
  return key.backspace || key.delete ? 'backspace' : null;
}

function characterName(character: string): readonly string[] {
  switch (character) {
    case '\r':
    case '\n':
      return ['enter'];
    case '\t':
      return ['tab'];
    case '\x7f':
    case '\b':
      return ['backspace'];
    default:
      return character < ' ' ? [] : [character];
  }
}
