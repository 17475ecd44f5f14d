import type { DataCondition } from '../compiler/ir/experiment.js';
import { placesOfColumns } from '../compiler/library/conditions-needed.js';
import type { ConditionColumn } from '../runtime/datasets/condition-column.js';
import type { ConditionValues } from '../runtime/training/condition-values.js';
import type { Conditions } from '../runtime/training/examples.js';

/** Something that layers are given: the class of an example, or a column of its row. */
export type ConditionSlot =
  | { readonly kind: 'class'; readonly name: 'label'; readonly values: readonly string[] }
  | { readonly kind: 'category'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly name: string };

/** A value for each slot: the number of a class or category, or a number itself. */
export type ConditionChoice = ReadonlyMap<string, number>;

/** What some layers are given, the class first. */
export function slotsOf(
  given: readonly ('class' | number)[],
  classes: readonly string[],
  conditions: readonly DataCondition[],
): readonly ConditionSlot[] {
  const columns = conditions.filter(({ name }) =>
    placesOfColumns([name], { conditions }).some(({ start }) => given.includes(start)),
  );
  return [
    ...(given.includes('class') ? [{ kind: 'class', name: 'label', values: classes } as const] : []),
    ...columns.map(
      ({ name, categories }): ConditionSlot =>
        categories === null ? { kind: 'number', name } : { kind: 'category', name, values: categories },
    ),
  ];
}

/** Every combination of the values of slots, those of the last the fastest. Numbers have one value each. */
export function combinations(
  slots: readonly ConditionSlot[],
  valuesOf: (slot: ConditionSlot) => readonly number[],
): readonly ConditionChoice[] {
  return slots.reduce<readonly ConditionChoice[]>(
    (all, slot) => all.flatMap((before) => valuesOf(slot).map((value) => new Map([...before, [slot.name, value]]))),
    [new Map()],
  );
}

/** What a network is given for choices; columns that none of them names are 0, or the first category. */
export function conditionsFor(
  choices: readonly ConditionChoice[],
  conditions: readonly DataCondition[],
  values: ConditionValues,
): Conditions {
  const columns = conditions.map(({ name, categories }): ConditionColumn => {
    const chosen = choices.map((choice) => choice.get(name) ?? 0);
    return categories === null
      ? { kind: 'number', name, values: Float64Array.from(chosen) }
      : { kind: 'category', name, texts: categories, values: Int32Array.from(chosen) };
  });
  const rows = Uint32Array.from(choices, (_, i) => i);
  return {
    classes: Int32Array.from(choices, (choice) => choice.get('label') ?? 0),
    columns: values.of({ conditions: columns, count: choices.length }, rows),
  };
}

/** Some rows of conditions, in any order and number. */
export function conditionRows({ classes, columns }: Conditions, rows: Int32Array, width: number): Conditions {
  const chosen = columns && new Float32Array(rows.length * width);
  if (columns && chosen) {
    rows.forEach((row, i) => void chosen.set(columns.subarray(row * width, (row + 1) * width), i * width));
  }
  return { classes: classes && rows.map((row) => classes[row] ?? 0), columns: chosen };
}

/** `label 3`, `sex f`: what tells a choice from others. */
export function choiceName(choice: ConditionChoice, slots: readonly ConditionSlot[]): string {
  return slots
    .map((slot) => {
      const value = choice.get(slot.name) ?? 0;
      if (slot.kind === 'number') return `${slot.name} ${value}`;
      return slot.kind === 'class' ? (slot.values[value] ?? String(value)) : `${slot.name} ${slot.values[value] ?? ''}`;
    })
    .join(', ');
}
