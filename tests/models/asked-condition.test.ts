import { describe, expect, it } from 'vitest';
import { askedConditions } from '../../src/models/asked-condition.js';
import { type ConditionSlot, choiceName } from '../../src/trial/condition-choices.js';

const label: ConditionSlot = { kind: 'class', name: 'label', values: ['ash', 'oak'] };
const digit: ConditionSlot = { kind: 'class', name: 'label', values: ['0', '1', '2'] };
const sex: ConditionSlot = { kind: 'category', name: 'sex', values: ['f', 'm', 'x, other'] };
const age: ConditionSlot = { kind: 'number', name: 'age' };

/** The names of what is drawn, or the message and the hint of what is refused. */
function asked(text: string | null, ...slots: readonly ConditionSlot[]): readonly string[] | null {
  try {
    return askedConditions(text, slots, 'r1')?.map((choice) => choiceName(choice, slots)) ?? null;
  } catch (error) {
    if (error instanceof Error && 'hint' in error) return [error.message, String(error.hint)];
    throw error;
  }
}

describe('what samples are drawn for', () => {
  it('is each class or category in turn, where none is named', () => {
    expect(asked(null)).toBeNull();
    expect(asked(null, label)).toEqual(['ash', 'oak']);
    expect(asked(null, label, sex)).toEqual([
      'ash, sex f',
      'ash, sex m',
      'ash, sex x, other',
      'oak, sex f',
      'oak, sex m',
      'oak, sex x, other',
    ]);
    expect(asked('age=40', sex, age)).toEqual(['sex f, age 40', 'sex m, age 40', 'sex x, other, age 40']);
  });

  it('is a class by name or number, and a column by name', () => {
    expect(asked('oak', label)).toEqual(['oak']);
    expect(asked('1', label)).toEqual(['oak']);
    expect(asked('oak,sex=m', label, sex)).toEqual(['oak, sex m']);
    expect(asked(' sex = m , label=ash', label, sex)).toEqual(['ash, sex m']);
    expect(asked('age=-1.5e2,sex=x, other', sex, age)).toEqual(['sex x, other, age -150']);
    expect(asked('m', sex)).toEqual(['sex m']);
    expect(asked('0', age)).toEqual(['age 0']);
  });

  it.each<readonly [text: string | null, slots: readonly ConditionSlot[], message: string, hint: string]>([
    ['3', [], 'the decoder of r1 is given no condition', 'leave --condition out'],
    [null, [age], 'the decoder of r1 is given the number age', 'name a value of each: --condition age=40'],
    [
      null,
      [age, { kind: 'number', name: 'size' }],
      'the decoder of r1 is given the numbers age, size',
      '--condition age=40,size=40',
    ],
    ['elm', [label], "r1 has no class 'elm'", 'it has ash, oak'],
    ['2', [label], "r1 has no class '2'", 'it has ash, oak'],
    ['3', [digit], "r1 has no class '3'", 'name one from 0 to 2'],
    ['sex=n', [label, sex], "r1 has no sex 'n'", ''],
    ['1', [sex], "r1 has no sex '1'", ''],
    ['age=old', [age], "'old' is no number, and 'age' is one", 'such as --condition age=40'],
    ['age=', [age], "'' is no number, and 'age' is one", 'such as --condition age=40'],
    ['age=1e39', [age], "'1e39' is no number, and 'age' is one", 'such as --condition age=40'],
    ['sxe=f', [sex], "the decoder of r1 is not given 'sxe'", "did you mean 'sex'?"],
    ['height=3', [sex], "the decoder of r1 is not given 'height'", 'it is given sex'],
    ['sex=f,sex=m', [sex], "--condition names 'sex' twice", 'give it one value'],
    ['f', [sex, age], "'f' does not say which condition of r1 it is", 'write --condition sex=…,age=…'],
  ])('%s of %j is refused', (text, slots, message, hint) => {
    const refused = asked(text, ...slots) ?? [];
    expect(refused).toEqual([message, expect.stringContaining(hint)]);
  });

  it('has at most ten thousand combinations', () => {
    const wide = (name: string, count: number): ConditionSlot => ({
      kind: 'category',
      name,
      values: Array.from({ length: count }, (_, i) => String(i)),
    });
    expect(asked(null, wide('a', 100), wide('b', 100))).toHaveLength(10_000);
    expect(asked(null, wide('a', 73), wide('b', 137))).toEqual([
      'the categories of r1 make 10,001 combinations',
      'name one of each: --condition a=…,b=…',
    ]);
    expect(asked('b=136', wide('a', 73), wide('b', 137))).toHaveLength(73);
  });
});
