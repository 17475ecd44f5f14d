import { printable } from '../../compiler/diagnostics/printable.js';
import { didYouMean, someOf } from '../../compiler/diagnostics/suggest.js';
import { closed } from '../../compiler/ir/interval.js';
import type { Shape } from '../../compiler/ir/shape.js';
import type { DatasetDescription, SelectedExamples } from '../../compiler/library/data-file.js';
import { failed, ok, type Problem, problem, type Result } from '../../compiler/library/word.js';
import { classAmong } from '../../runtime/datasets/chosen-classes.js';

/** The arguments that select classes. */
export interface ClassArguments {
  readonly classes: readonly string[] | null;
  readonly train_on: readonly string[] | null;
}

/** A data set of bytes that is published with its classes, or made with them. */
export interface CountedClasses {
  readonly shape: Shape;
  /** Examples of each class, by its number. */
  readonly train: readonly number[];
  readonly test: readonly number[];
  /** Their names; null for numbers. */
  readonly names: readonly string[] | null;
}

/** Describes a data set whose classes are counted, as far as they are used. */
export function describeCounted(
  { shape, train, test, names }: CountedClasses,
  given: ClassArguments,
): Result<DatasetDescription> {
  const there = names ?? train.map((_, i) => String(i));
  const present = there.filter((_, i) => (train[i] ?? 0) + (test[i] ?? 0) > 0);
  const asked = [...(given.classes ?? []), ...(given.train_on ?? [])];
  const absent = asked.filter((one) => (classAmong(one, names) ?? train.length) >= train.length);
  const wrong = unknownClass(given, [{ kept: 0, trained: 0, absent, present }]);
  if (wrong !== null) return { ok: false, problem: wrong };
  const among = (classes: readonly string[] | null, counts: readonly number[]) => {
    const numbers = classes && new Set(classes.map((one) => classAmong(one, names)));
    return counts.map((count, i) => (numbers === null || numbers.has(i) ? count : 0));
  };
  return ok({
    shape,
    train: sum(among(given.train_on, among(given.classes, train))),
    test: sum(among(given.classes, test)),
    range: closed(0, 1),
    classes: train.length,
    classNames: present.filter((_, i) => given.classes === null || given.classes.includes(there[i] ?? '')),
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Reports that classes are selected of data without labels. */
export function unlabelled(given: ClassArguments): Result<never> {
  const argument = given.classes === null ? 'train_on' : 'classes';
  return failed('AE302', `${argument} needs labels, and the data have none`, {
    argument,
    hint: 'say where they are: label="column" of a csv, labels= of arrays; folders of pictures are classes',
  });
}

/**
 * A selected class that no part has, or that is trained on but not kept; null if there is none.
 * @param parts of the set; what a stored run recorded says nothing of unknown classes
 */
export function unknownClass(given: ClassArguments, parts: readonly (SelectedExamples | null)[]): Problem | null {
  const left = given.train_on?.find((one) => given.classes !== null && !given.classes.includes(one));
  if (left !== undefined) {
    return problem('AE306', `train_on has the class '${printable(left)}', which classes leaves out`, {
      argument: 'train_on',
    });
  }
  const [trained] = parts;
  if (trained?.absent === undefined) return null;
  const missing = new Set(trained.absent);
  const present = [...new Set(parts.flatMap((part) => part?.present ?? []))];
  const ofClasses = given.classes?.find((one) => missing.has(one) && !present.includes(one));
  if (ofClasses !== undefined) return unknown('classes', 'the data', ofClasses, present);
  const ofTraining = given.train_on?.find((one) => missing.has(one));
  if (ofTraining === undefined) return null;
  const where = parts.length > 1 ? 'the training data' : 'the data';
  return unknown('train_on', where, ofTraining, trained.present ?? []);
}

function unknown(argument: keyof ClassArguments, where: string, name: string, present: readonly string[]): Problem {
  const names = present.map((one) => printable(one));
  const isNumber = /^-?\d+$/.test(name);
  return problem('AE306', `${where} have no class '${printable(name)}'`, {
    argument,
    hint: (isNumber ? null : didYouMean(name, names)) ?? `the classes are ${someOf(names)}`,
  });
}
