import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { lossSettles, schedulesIn } from '../ir/changing-loss.js';
import type { ExperimentIr, LayerNode, StageNode } from '../ir/experiment.js';
import { stageLength } from '../ir/stage-length.js';
import { isWordValue, type Value } from '../ir/value.js';
import type { Library } from '../library/library.js';
import { scheduleValues } from '../library/schedule-values.js';
import type { StageLength } from '../library/word.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { Span } from '../syntax/source.js';

/** Values whose schedules a stage reads, with their spans. */
interface Scheduled {
  readonly values: readonly Value[];
  readonly span: Span;
}

/**
 * Warns of schedules that outlast their stage, and of early stopping that can never trigger.
 * @param ir with the epochs to be trained, after `--epochs`
 * @param maxSteps limit per stage, or per layer in a pretraining; null for none
 */
export function checkSchedules(
  ir: ExperimentIr,
  bound: BoundExperiment,
  maxSteps: number | null,
  library: Library,
  collector: DiagnosticCollector,
): void {
  const values = scheduleValues(library);
  for (const [index, stage] of ir.stages.entries()) {
    const planned = stageLength(stage, ir.data.train);
    const length = shortened(planned, maxSteps);
    for (const { values: scheduled, span } of valuesOf(ir, stage, index, bound)) {
      for (const { schedule, argument } of scheduled.flatMap((value) => schedulesIn(value))) {
        const beyond = values.beyond(schedule, length);
        if (beyond === null) continue;
        const which = argument === null ? '' : ` of '${argument}'`;
        const has = length === planned ? lengthOf(stage, length) : `--max-steps ends it after ${length.steps} steps`;
        collector.warning('AE521', `'${schedule.word}'${which} ${beyond}, and ${has}`, span, {
          hint: length === planned ? 'time is counted in epochs of the stage, or with unit=steps in updates' : null,
        });
      }
    }
    const { stop } = stage.settings;
    if (stage.kind !== 'train' || bound.train === null || (stop?.value ?? null) === null) continue;
    const place = bound.train.settings.find(({ name }) => name.name === 'stop')?.span ?? bound.train.span;
    if (lossSettles(ir, planned, library) < planned.epochs) {
      checkPatience(stage, Math.ceil(planned.epochs), place, collector);
      continue;
    }
    collector.warning('AE522', "'stop' never takes effect: the loss changes until the last epoch", place, {
      hint: 'epochs are comparable once the schedules of the loss have ended; end them sooner, or leave stop out',
    });
  }
}

/** Needs one evaluation as the first best, and then as many as the patience. */
function checkPatience({ settings }: StageNode, epochs: number, place: Span, collector: DiagnosticCollector): void {
  const [stop, every] = [settings.stop?.value ?? null, settings.evaluate_every?.value];
  const patience = isWordValue(stop) ? stop.arguments.patience?.value : null;
  if (typeof patience !== 'number' || typeof every !== 'number' || (patience + 1) * every < epochs) return;
  const wait = `it waits for ${patience} ${patience === 1 ? 'evaluation' : 'evaluations'} after the first`;
  const there = epochs === 1 ? 'there is 1 epoch' : `there are ${epochs} epochs`;
  collector.warning('AE522', `'stop' never ends training early: ${wait}, and ${there}`, place, {
    hint: every > 1 ? `with evaluate_every = ${every} there are ${Math.ceil(epochs / every)} evaluations` : null,
  });
}

function shortened(planned: StageLength, maxSteps: number | null): StageLength {
  if (maxSteps === null || maxSteps >= planned.steps) return planned;
  return { epochs: (planned.epochs * maxSteps) / planned.steps, steps: maxSteps };
}

function lengthOf(stage: StageNode, { epochs, steps }: StageLength): string {
  const each = stage.kind === 'pretrain' ? 'each layer' : 'the training';
  const some = Number(epochs.toPrecision(3));
  return `${each} takes ${some} ${some === 1 ? 'epoch' : 'epochs'} (${steps} ${steps === 1 ? 'step' : 'steps'})`;
}

function valuesOf(ir: ExperimentIr, stage: StageNode, index: number, bound: BoundExperiment): readonly Scheduled[] {
  if (stage.kind === 'pretrain') {
    const statement = bound.pretrain[index];
    return statement ? [{ values: [stage.method], span: statement.call.span }] : [];
  }
  const { train, loss, corrupt, encoder, decoder } = bound;
  const inLayers = (nodes: readonly LayerNode[]): readonly Value[] =>
    nodes.flatMap(({ arguments: args }) => Object.values(args).map(({ value }) => value));
  return [
    ...(train ? [{ values: [stage.optimizer], span: train.call.span }] : []),
    ...(train ? [{ values: Object.values(stage.settings).map(({ value }) => value), span: train.span }] : []),
    ...(loss ? [{ values: ir.loss.flatMap((term) => [term.weight, term.loss]), span: loss.value.span }] : []),
    ...ir.corruptions.map((corruption, i) => ({ values: [corruption], span: corrupt?.calls[i]?.span ?? encoder.span })),
    { values: inLayers(ir.encoder), span: encoder.span },
    { values: inLayers(ir.decoder), span: decoder.span },
  ];
}
