import type { CompiledExperiment, ParamValue } from '../../compiler/compile.js';
import {
  type DataNode,
  type ExperimentIr,
  type LossTerm,
  type StageNode,
  wantedOf,
} from '../../compiler/ir/experiment.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { type Arguments, isInputReference, type LayerReference, type WordValue } from '../../compiler/ir/value.js';
import { type Library, wordOfUse } from '../../compiler/library/library.js';
import type { Parameters } from '../../compiler/library/parameter.js';
import { identityFreeSettings, trainSettings } from '../../compiler/library/settings/train.js';
import { align } from './alignment.js';
import { argumentChanges, definitionChanges, type Sides } from './argument-changes.js';
import { blockChanges } from './block-changes.js';
import { added, type Change, changed, removed, withoutEffect } from './change.js';
import { type LayerMatch, type LayerUnit, layerUnits, matchLayers } from './layers.js';
import { WordTexts } from './word-text.js';

/**
 * Lists the changes of an experiment in its own terms: layers are tracked through moves and new labels, and a changed
 * param is reported where it takes effect. Both versions must be compiled by this compiler.
 */
export function experimentChanges(
  before: CompiledExperiment,
  after: CompiledExperiment,
  library: Library,
): readonly Change[] {
  const texts = { old: new WordTexts(before.ir, library), new: new WordTexts(after.ir, library) };
  const match = (block: 'encoder' | 'decoder') =>
    matchLayers(
      layerUnits(block, before.ir[block], library, texts.old),
      layerUnits(block, after.ir[block], library, texts.new),
    );
  const matches = { encoder: match('encoder'), decoder: match('decoder') };
  const sides: Sides = {
    library,
    ...texts,
    sameLayer: (a, b) => sameLayer(a, b, matches[a.block], before.ir, after.ir),
  };
  const semantic = [
    ...dataChanges('data', before.ir.data, after.ir.data, sides),
    ...dataChanges('target', before.ir.target, after.ir.target, sides),
    ...listChanges('corrupt', before.ir.corruptions, after.ir.corruptions, sides),
    ...blockChanges(matches.encoder, sides),
    ...decoderChanges(before, after, matches.decoder, sides),
    ...lossChanges(before.ir.loss, after.ir.loss, sides),
    ...stageChanges(before.ir.stages, after.ir.stages, sides),
    ...listChanges('evaluate', before.ir.evaluations, after.ir.evaluations, sides),
  ];
  // An equivalent form, such as a decoder written out, is not a change.
  const same = before.hash === after.hash;
  const counting = same ? semantic.filter(({ counts }) => !counts) : semantic;
  const explained = counting.map((change) => withReason(change, before, after));
  const figures = listChanges('show', before.ir.figures, after.ir.figures, sides).map(withoutEffect);
  const unexplained = !same && !explained.some(({ counts }) => counts);
  return [
    ...renamed(before, after),
    ...explained,
    ...(unexplained ? [changed('experiment', 'content', before.hash.slice(0, 12), after.hash.slice(0, 12))] : []),
    ...paramChanges(before, after, explained, same),
    ...figures,
  ];
}

function renamed(before: CompiledExperiment, after: CompiledExperiment): readonly Change[] {
  if (before.ir.name === after.ir.name) return [];
  return [{ ...withoutEffect(changed('experiment', '', before.ir.name, after.ir.name)), kind: 'renamed' }];
}

function sameLayer(
  a: LayerReference,
  b: LayerReference,
  matches: readonly LayerMatch[],
  before: ExperimentIr,
  after: ExperimentIr,
): boolean {
  if (a.block !== b.block) return false;
  if (isInputReference(a) || isInputReference(b)) return isInputReference(a) && isInputReference(b);
  const ends = a.block === 'encoder' && a.index === before.encoder.length - 1 && b.index === after.encoder.length - 1;
  return ends || matches.some(({ old, new: now }) => old !== null && now !== null && isSamePart(a, old, b, now));
}

/** Returns whether both are the layer itself, or both its activation. */
function isSamePart(a: LayerReference, old: LayerUnit, b: LayerReference, now: LayerUnit): boolean {
  const fromEnd = old.last - a.index;
  const layers = old.activation === null ? 1 : 2;
  return fromEnd === now.last - b.index && fromEnd >= 0 && fromEnd < layers;
}

function dataChanges(
  place: 'data' | 'target',
  before: DataNode | null,
  after: DataNode | null,
  sides: Sides,
): readonly Change[] {
  return [
    ...wordChanges(place, before?.dataset ?? null, after?.dataset ?? null, sides),
    ...listChanges(place, before?.transforms ?? [], after?.transforms ?? [], sides),
  ];
}

function wordChanges(
  place: string,
  before: WordValue | null,
  after: WordValue | null,
  sides: Sides,
): readonly Change[] {
  if (before === null) return after === null ? [] : [added(place, sides.new.word(after))];
  if (after === null) return [removed(place, sides.old.word(before))];
  if (before.word !== after.word) return [changed(place, '', sides.old.word(before), sides.new.word(after))];
  const parameters = wordOfUse(sides.library, after.family, after)?.parameters ?? {};
  return [
    ...definitionChanges(place, before, after),
    ...argumentChanges(place, after.word, before.arguments, after.arguments, parameters, sides),
  ];
}

/** Compares lists of words, such as transforms. */
function listChanges(
  place: string,
  before: readonly WordValue[],
  after: readonly WordValue[],
  sides: Sides,
): readonly Change[] {
  const cost = (a: WordValue, b: WordValue) =>
    a.word !== b.word ? 4 : wordChanges('', a, b, sides).length > 0 ? 1 : 0;
  return align(before, after, cost).flatMap((pair) => wordChanges(place, pair.old, pair.new, sides));
}

/** A derived decoder follows the encoder; only changes to the decoder's own statement count. */
function decoderChanges(
  before: CompiledExperiment,
  after: CompiledExperiment,
  matches: readonly LayerMatch[],
  sides: Sides,
): readonly Change[] {
  const [old, now] = [derivation(before), derivation(after)];
  const layers = blockChanges(matches, sides);
  if (old !== now) return [changed('decoder', '', old ?? 'written out', now ?? 'written out'), ...layers];
  if (now === null) return layers;
  const outputs = matches.filter((pair) => pair.old?.last !== undefined && pair.new?.last !== undefined).at(-1);
  const output = outputs === undefined ? [] : blockChanges([outputs], sides);
  return output
    .filter(({ what }) => what === 'activation')
    .map((change) => ({ ...change, place: 'decoder', what: 'output' }));
}

/** `mirror`, `tied`; null for an explicit decoder. */
function derivation({ bound }: CompiledExperiment): string | null {
  const { body } = bound.decoder;
  return body.kind === 'derived' ? body.call.word.name : null;
}

function lossChanges(before: readonly LossTerm[], after: readonly LossTerm[], sides: Sides): readonly Change[] {
  const weighted = ({ weight, loss }: LossTerm, texts: WordTexts) =>
    weight === 1 ? texts.word(loss) : `${texts.value(weight)} * ${texts.word(loss)}`;
  const gone = before.filter(({ name }) => !after.some((term) => term.name === name));
  const changes = after.flatMap((term) => {
    const old = before.find(({ name }) => name === term.name);
    if (!old) return [added('loss', weighted(term, sides.new))];
    const weights = [sides.old.value(old.weight), sides.new.value(term.weight)] as const;
    return [
      ...(weights[0] === weights[1] ? [] : [changed('loss', `${term.name} weight`, ...weights)]),
      ...wordChanges('loss', old.loss, term.loss, sides),
    ];
  });
  const order = (terms: readonly LossTerm[], among: readonly LossTerm[]) =>
    terms.flatMap(({ name }) => (among.some((term) => term.name === name) ? [name] : [])).join(' + ');
  const [from, to] = [order(before, after), order(after, before)];
  return [
    ...changes,
    ...gone.map((term) => removed('loss', weighted(term, sides.old))),
    ...(from === to ? [] : [changed('loss', 'order', from, to)]),
  ];
}

function stageChanges(before: readonly StageNode[], after: readonly StageNode[], sides: Sides): readonly Change[] {
  const cost = (a: StageNode, b: StageNode) => (a.kind !== b.kind ? 4 : stageChange(a, b, sides).length > 0 ? 1 : 0);
  return align(before, after, cost).flatMap(({ old, new: now }) => {
    if (old === null) return now === null ? [] : [added(now.name, stageText(now, sides.new))];
    if (now === null) return [removed(old.name, stageText(old, sides.old))];
    return stageChange(old, now, sides);
  });
}

function stageChange(old: StageNode, now: StageNode, sides: Sides): readonly Change[] {
  const word = (stage: StageNode) => (stage.kind === 'train' ? stage.optimizer : stage.method);
  const settings: Parameters =
    now.kind === 'train' ? trainSettings : (sides.library.find('stage', now.method.word)?.settings ?? {});
  return [
    ...wordChanges(now.name, word(old), word(now), sides),
    ...settingChanges(now.name, old.settings, now.settings, settings, sides),
  ];
}

function settingChanges(
  place: string,
  before: Arguments,
  after: Arguments,
  parameters: Parameters,
  sides: Sides,
): readonly Change[] {
  // `steps` determines the epochs.
  const follows = [before, after].some(({ epochs }) => epochs?.origin === 'inserted');
  return Object.keys({ ...before, ...after }).flatMap((name) => {
    if (name === 'epochs' && follows) return [];
    const one = (args: Arguments): Arguments => (args[name] ? { [name]: args[name] } : {});
    // A setting is always written with its name.
    const changes = argumentChanges(place, '', one(before), one(after), { '': NO_POSITION, ...parameters }, sides);
    return identityFreeSettings.includes(name) ? changes.map(withoutEffect) : changes;
  });
}

const NO_POSITION: Parameters[string] = { type: 'boolean', doc: '', default: false };

function stageText(stage: StageNode, texts: WordTexts): string {
  return texts.word(stage.kind === 'train' ? stage.optimizer : stage.method);
}

/** Attributes a change to a param, or to the input size, whose values match it. */
function withReason(change: Change, before: CompiledExperiment, after: CompiledExperiment): Change {
  if (change.kind !== 'changed' || !change.counts) return change;
  const param = after.params.find(({ name, value }) => {
    const old = before.params.find((p) => p.name === name)?.value;
    return old !== value && String(old) === change.from && String(value) === change.to;
  });
  if (param) return { ...change, because: `param ${param.name}` };
  const follows = (of: (ir: ExperimentIr) => DataNode): boolean => {
    const [from, to] = [before.ir, after.ir].map((ir) => String(elementCount(of(ir).shape)));
    return from !== to && from === change.from && to === change.to;
  };
  if (follows(({ data }) => data)) return { ...change, because: 'the size of the input' };
  return follows(wantedOf) ? { ...change, because: 'the size of the target' } : change;
}

/** Changes of params to which no change above was attributed. */
function paramChanges(
  before: CompiledExperiment,
  after: CompiledExperiment,
  explained: readonly Change[],
  same: boolean,
): readonly Change[] {
  const told = new Set(explained.flatMap(({ because }) => because ?? []));
  const value = (params: CompiledExperiment['params'], name: string): ParamValue | null =>
    params.find((param) => param.name === name)?.value ?? null;
  const names = new Set([...before.params, ...after.params].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [from, to] = [value(before.params, name), value(after.params, name)];
    if (from === to || told.has(`param ${name}`)) return [];
    const change =
      from === null
        ? added('param', `${name} = ${to}`)
        : to === null
          ? removed('param', name)
          : changed('param', name, String(from), String(to));
    // A param that was added or removed has no effect of its own: its value shows where it is used.
    return [same || from === null || to === null ? withoutEffect(change) : change];
  });
}
