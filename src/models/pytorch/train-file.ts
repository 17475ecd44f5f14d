import { type ExperimentIr, type TrainStage, withHeads } from '../../compiler/ir/experiment.js';
import { isWordValue, plainArguments } from '../../compiler/ir/value.js';
import { conditionsNeeded } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import { weightKey } from '../../runtime/lowering/network.js';
import { trainSettings } from '../../runtime/training/stage-settings.js';
import { indented, literal, sections } from '../../words/python.js';
import type { ConstraintInPytorch, Words } from '../../words/word.js';
import { corruptionDefinitions } from './corruptions.js';
import { distinct, purposeOf, undoneBy } from './layers.js';
import { lossDefinitions, termsFunction } from './losses.js';
import { tensorNames } from './names.js';
import { clipStatement, optimizerCode } from './optimizers.js';
import { pretrainingCode, pretrainingDefinitions } from './pretraining.js';
import { replayDefinitions, stepsOf } from './replay-definitions.js';
import { resampleStatement, resamplingDefinitions } from './resampling.js';
import { clock, scheduleDefinitions, usedDefinitions } from './schedules.js';
import { StreamNames } from './stream-names.js';
import { batchFunction, hasStatistics, targetFunction, transformDefinitions } from './transforms.js';
import { UnknownToPytorch } from './unsupported.js';

/** Run that a replay reproduces, besides its experiment. */
export interface ReplayedRun {
  readonly id: string;
  readonly seed: number;
  /** Updates after which each stage, or each pretrained layer, ends early; null for no limit. */
  readonly maxSteps: number | null;
  /** Whether the examples are stored in float64. */
  readonly isDouble: boolean;
  /** The same of their targets. */
  readonly areTargetsDouble: boolean;
}

/** `train.py`: the same training in PyTorch, compared with aedsl's losses. */
export function trainFile(experiment: ExperimentIr, run: ReplayedRun, words: Words): string {
  const streams = new StreamNames(run.seed);
  const place = { experiment, words, streams };
  const stages = experiment.stages.map((stage) =>
    stage.kind === 'pretrain'
      ? pretrainingCode(stage, place)
      : { functions: [trainFunction(stage, experiment, words, streams)], statements: ['train(model, replay)'] },
  );
  const trains = experiment.stages.some(({ kind }) => kind === 'train');
  const own = [
    batchFunction(experiment.data, experiment.corruptions, { streams, isDouble: run.isDouble, words }),
    ...(experiment.target === null
      ? []
      : [targetFunction(experiment.target, { streams, isDouble: run.areTargetsDouble, words })]),
    ...(trains ? [termsFunction(experiment.loss, place)] : []),
    ...stages.flatMap(({ functions }) => functions),
    mainFunction(
      experiment,
      stages.map(({ statements }) => statements),
    ),
  ];
  const code = own.flat().join('\n');
  const pretraining = closed(pretrainingDefinitions(words), code);
  const used = [
    ...usedDefinitions(scheduleDefinitions(words), code),
    ...closed(transformDefinitions(words), code),
    ...usedDefinitions(corruptionDefinitions(words), code),
    ...usedDefinitions(lossDefinitions(place), code),
    ...usedDefinitions(constraintDefinitions(words), code),
    ...pretraining,
    ...usedDefinitions(resamplingDefinitions(words), code),
  ];

  const body = [clock, ...replayDefinitions(drawsInNetwork(experiment, words)), ...used, ...own];
  return sections([
    header(experiment, run, body.flat().join('\n')),
    constants(experiment, run, streams, words),
    ...body,
    ['if __name__ == "__main__":', '    main()'],
  ]);
}

/** The definitions that `code` calls, directly or indirectly. */
function closed(definitions: readonly (readonly string[])[], code: string): readonly (readonly string[])[] {
  const used = usedDefinitions(definitions, code);
  const more = usedDefinitions(definitions, [code, ...used.flat()].join('\n'));
  return more.length === used.length ? used : closed(definitions, [code, ...more.flat()].join('\n'));
}

function drawsInNetwork({ encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>, words: Words): boolean {
  return withHeads([...encoder, ...decoder]).some((node) => purposeOf(node, words) !== null);
}

function header({ name }: ExperimentIr, { id, seed }: ReplayedRun, body: string): readonly string[] {
  const drawn = ['integers', 'normal', 'permutation', 'uniform'].filter((kind) =>
    new RegExp(`\\b${kind}\\(`).test(body),
  );
  const uses = (pattern: RegExp) => pattern.test(body);
  return [
    `"""Trains '${name}' again in PyTorch, as aedsl did in ${id} (seed ${seed}): the same initial weights, batches and noise.`,
    '',
    '    python train.py                      # all steps; prints both losses and how far they are apart',
    '    python train.py --steps 100          # the first of them',
    '    python train.py --tolerance 1e-4     # exit 1 when a loss is further off than that',
    '"""',
    '',
    'import argparse',
    ...(uses(/\bmath\./) ? ['import math'] : []),
    'import sys',
    'from pathlib import Path',
    '',
    'import numpy as np',
    'import torch',
    ...(uses(/\bF\./) ? ['import torch.nn.functional as F'] : []),
    'from safetensors.torch import load_file',
    ...(uses(/\bnn\./) ? ['from torch import nn'] : []),
    '',
    'from model import Autoencoder',
    ...(drawn.length > 0 ? [`from streams import ${drawn.join(', ')}`] : []),
  ];
}

function constants(
  experiment: ExperimentIr,
  { maxSteps, isDouble, areTargetsDouble }: ReplayedRun,
  streams: StreamNames,
  words: Words,
): readonly string[] {
  return [
    'HERE = Path(__file__).parent',
    'EXAMPLES = np.load(HERE / "examples.npy", mmap_mode="r")  # the training part, as stored',
    ...(experiment.target === null
      ? []
      : ['TARGETS = np.load(HERE / "targets.npy", mmap_mode="r")  # what the network should give for each']),
    ...conditionConstant(experiment, words),
    'INITIAL = load_file(HERE / "initial.safetensors")',
    ...(hasStatistics(experiment, words)
      ? [
          'STATISTICS = {name: t.numpy() for name, t in load_file(HERE / "statistics.safetensors").items()}',
          ...(isDouble || areTargetsDouble
            ? [
                'for name in [name for name in STATISTICS if name.endswith("_rest")]:  # what float32 leaves of them',
                '    rest = STATISTICS.pop(name).astype(np.float64).reshape(2, -1).sum(0)',
                '    STATISTICS[name[:-5]] = STATISTICS[name[:-5]] + rest',
              ]
            : []),
        ]
      : []),
    `MAX_STEPS = ${literal(maxSteps)}  # of each stage, or of each layer that is pretrained`,
    '',
    ...streams.definition(),
  ];
}

function conditionConstant(experiment: ExperimentIr, words: Words): readonly string[] {
  const { classes, columns } = conditionsNeeded(experiment, words);
  if (columns > 0) return ['CONDITIONS = np.load(HERE / "conditions.npy")  # what the network is given of them'];
  return classes > 0 ? ['CLASSES = np.load(HERE / "classes.npy")  # their classes, from 0'] : [];
}

function conditionArgument(experiment: ExperimentIr, words: Words): string | null {
  const { classes, columns } = conditionsNeeded(experiment, words);
  if (columns > 0) return 'torch.from_numpy(CONDITIONS[indices])';
  return classes > 0 ? 'torch.from_numpy(CLASSES[indices]).long()' : null;
}

function trainFunction(
  stage: TrainStage,
  experiment: ExperimentIr,
  words: Words,
  streams: StreamNames,
): readonly string[] {
  const { epochs, batch, shuffle, dropLast, clip, resample } = trainSettings(stage.settings);
  const { construct, rates } = optimizerCode(stage.optimizer, words);
  const clipped = clipStatement(clip, words);
  const draws = drawsInNetwork(experiment, words);
  const condition = conditionArgument(experiment, words);
  const seen = experiment.loss.some(({ loss }) => 'on' in loss.arguments) || usesPlaces(experiment, words);
  const order = shuffle ? streams.of('data', 'order') : 'None';
  const modelOf = (x: string) => `model(${x}${condition === null ? '' : `, ${condition}`}${seen ? ', seen' : ''})`;
  const resampled = resampleStatement(resample, experiment, words, streams, (x) =>
    seen ? `model(${x}, {})` : `model(${x})`,
  );
  const drawing = (block: 'encoder' | 'decoder') =>
    withHeads(experiment[block]).some((node) => purposeOf(node, words) !== null) ? [`model.${block}.draw = draw`] : [];
  if (draws) for (const [path, purpose] of networkStreams(experiment, words)) streams.of(path, purpose);
  return [
    'def train(model, replay):',
    ...indented([
      '"""The whole network, by the loss."""',
      `optimizer = ${construct('model.parameters()')}`,
      ...(draws ? ['draw = ReplayedDraw()', ...drawing('encoder'), ...drawing('decoder')] : []),
      'model.train()',
      `for step, time, indices in Batches(${order}, ${epochs}, ${batch}, ${literal(dropLast)}${stepsOf(stage)}):`,
      ...indented([
        ...(experiment.target === null
          ? ['x, t = batch_of(indices, step, time)']
          : ['x, clean = batch_of(indices, step, time)', 't = target_of(indices, step, time)']),
        ...(resampled === null ? [] : [resampled]),
        ...(draws ? ['draw.step = step'] : []),
        'seen = {}',
        `y = ${modelOf('x')}`,
        `terms = terms_of_loss(y, t, seen, model, time${experiment.target === null ? '' : ', clean'})`,
        'total = sum(weight * value for value, weight, _ in terms.values() if weight != 0)',
        'optimizer.zero_grad()',
        'total.backward()',
        ...projectedGradients(experiment, words),
        ...(clipped === null ? [] : [clipped]),
        ...(rates.length === 0 ? [] : [`optimizer.param_groups[0].update({${rates.join(', ')}})`]),
        'optimizer.step()',
        ...projections(experiment, words),
        'per_example = {name: v / len(t) if sums else v for name, (v, _, sums) in terms.items()}',
        'loss = sum(weight * per_example[name] for name, (_, weight, _) in terms.items() if weight != 0)',
        'replay.compare("train", {"loss": loss, **per_example})',
      ]),
    ]),
  ];
}

/** Statements that return weights to their constraints. @throws UnknownToPytorch */
function projections(experiment: ExperimentIr, words: Words): readonly string[] {
  return withoutGradient(
    constrainedWeights(experiment, words).map(
      ({ constraint, args, weight, axes, start }) =>
        `${weight}.copy_(${constraint.expression(args, weight, axes, start)})`,
    ),
  );
}

/** Statements that change gradients as constraints want them. @throws UnknownToPytorch */
function projectedGradients(experiment: ExperimentIr, words: Words): readonly string[] {
  return withoutGradient(
    constrainedWeights(experiment, words).flatMap(({ constraint, args, weight, axes }) => {
      const gradient = constraint.gradient?.(args, weight, axes) ?? null;
      return gradient === null ? [] : [`${weight}.grad.copy_(${gradient})`];
    }),
  );
}

function withoutGradient(statements: readonly string[]): readonly string[] {
  return statements.length === 0 ? [] : ['with torch.no_grad():', ...statements.map((line) => `    ${line}`)];
}

interface ConstrainedWeight {
  readonly constraint: ConstraintInPytorch<Parameters>;
  readonly args: ArgumentsOf<Parameters>;
  readonly weight: string;
  /** Axes of a unit's incoming weights. */
  readonly axes: string;
  readonly start: string;
}

/** @throws UnknownToPytorch */
function constrainedWeights({ encoder, decoder }: ExperimentIr, words: Words): readonly ConstrainedWeight[] {
  const names = tensorNames({ encoder, decoder });
  return withHeads([...encoder, ...decoder]).flatMap((node): readonly ConstrainedWeight[] => {
    const { constraint } = plainArguments(node.arguments);
    const weight = node.weights.find(
      ({ name, trainable, tiedTo }) => name === 'weight' && trainable && tiedTo === null,
    );
    if (constraint === undefined || !isWordValue(constraint) || !weight || node.address === null) return [];
    const { pytorch } = knownWord(words, 'constraint', constraint.word);
    if (!pytorch) throw new UnknownToPytorch('constraint', constraint.word);
    const name = names.get(weightKey(node.address, weight.name));
    return [
      {
        constraint: pytorch,
        args: plainArguments(constraint.arguments),
        weight: `model.${name}`,
        start: `INITIAL["${name}"]`,
        axes: literal(weight.shape.slice(1).map((_, axis) => axis + 1)),
      },
    ];
  });
}

/** Python functions that constraints call. */
function constraintDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  return distinct(byFamily.constraint.map(({ pytorch }) => pytorch?.definition));
}

function usesPlaces({ encoder, decoder }: ExperimentIr, words: Words): boolean {
  return [...encoder, ...decoder].some((node) => undoneBy(node, words) !== null);
}

function networkStreams({ encoder, decoder }: ExperimentIr, words: Words): readonly (readonly [string, string])[] {
  return withHeads([...encoder, ...decoder]).flatMap((node): (readonly [string, string])[] => {
    const purpose = purposeOf(node, words);
    return node.address === null || purpose === null ? [] : [[node.address, purpose]];
  });
}

function mainFunction({ stages }: ExperimentIr, statements: readonly (readonly string[])[]): readonly string[] {
  const last = stages.at(-1);
  const keepsBest = last?.kind === 'train' && trainSettings(last.settings).keep === 'best';
  return [
    'def main():',
    ...indented([
      'parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)',
      'parser.add_argument("--steps", type=int, help="end after so many steps")',
      'parser.add_argument("--tolerance", type=float, help="the largest deviation of a loss that is no failure")',
      'options = parser.parse_args()',
      'model = Autoencoder()',
      'model.load_state_dict({name: t for name, t in INITIAL.items() if not name.startswith("pretrain")})',
      'model.eval()',
      'replay = Replay(options.steps)',
      'try:',
      ...indented(statements.flat()),
      'except Ended:',
      '    pass',
      keepsBest
        ? 'replay.report(None)  # aedsl kept the weights of the best epoch, these are those of the last'
        : 'replay.report(model)',
      'sys.exit(1 if options.tolerance is not None and not replay.largest <= options.tolerance else 0)',
    ]),
  ];
}
