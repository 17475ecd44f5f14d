import { memoryText } from '../../text/number-text.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { dataBytes, type ExperimentIr, readingBytes } from '../ir/experiment.js';
import type { Library } from '../library/library.js';
import { memoryNeed } from '../library/memory.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { World } from '../world.js';

/** Upper bound on the overestimate: beyond it, the training certainly doesn't fit. */
const SURE = 1.6;

/** Reports an error if a training doesn't fit in memory, and a warning if it may not. */
export function checkMemory(
  ir: ExperimentIr,
  {
    memory = Number.POSITIVE_INFINITY,
    machineMemory = Number.POSITIVE_INFINITY,
  }: Pick<World, 'memory' | 'machineMemory'>,
  library: Library,
  bound: BoundExperiment,
  collector: DiagnosticCollector,
): void {
  const { total } = memoryNeed(ir, library);
  const bytes = dataBytes(ir);
  if (total > memory) {
    const setting = bound.train?.settings.find(({ name }) => name.name === 'batch');
    const message = `training needs about ${memoryText(total)} of memory, but only ${memoryText(memory)} is available`;
    const place = setting?.span ?? bound.train?.span ?? bound.name.span;
    const hint = hintOf(ir, memory, library);
    if (total > SURE * memory) collector.error('AE406', message, place, { hint });
    else collector.warning('AE406', message, place, { hint });
  } else if (bytes + total > machineMemory) {
    const message = `the data take ${memoryText(bytes)} of memory and the training about ${memoryText(total)}, but the machine has ${memoryText(machineMemory)}`;
    const hint = dataHint(ir, machineMemory);
    if (bytes + total / SURE > machineMemory) collector.error('AE406', message, bound.data.call.span, { hint });
    else collector.warning('AE406', message, bound.data.call.span, { hint });
  } else if (readingBytes(ir) > machineMemory) {
    const message = `reading the data takes ${memoryText(readingBytes(ir))} of memory, but the machine has ${memoryText(machineMemory)}`;
    collector.warning('AE406', message, bound.data.call.span, { hint: dataHint(ir, machineMemory) });
  }
}

/** Suggests as many examples as fill half of the memory. */
function dataHint(ir: ExperimentIr, most: number): string {
  const { train, validation, test } = ir.data;
  const fitting = Math.floor(most / 2 / (readingBytes(ir) / (train + validation + test)));
  const rounded = fitting - (fitting % 10 ** Math.max(0, String(fitting).length - 2));
  const take = rounded - validation - test;
  return take >= 1 && take < train ? `take=${take} reads fewer examples` : 'make the images smaller, or the layers';
}

/** Suggests the largest batch that fits, by halving. */
function hintOf(ir: ExperimentIr, most: number, library: Library): string {
  const batches = ir.stages.map(({ settings }) => settings.batch?.value);
  const largest = batches.reduce<number>((top, batch) => (typeof batch === 'number' ? Math.max(top, batch) : top), 1);
  for (let batch = Math.floor(largest / 2); batch >= 1; batch = Math.floor(batch / 2)) {
    const { total } = memoryNeed(withBatch(ir, batch), library);
    if (total <= most) return `batch = ${batch} needs about ${memoryText(total)}`;
  }
  return 'no batch is small enough: make the images or the layers smaller';
}

function withBatch(ir: ExperimentIr, most: number): ExperimentIr {
  return {
    ...ir,
    stages: ir.stages.map((stage) => {
      const { batch } = stage.settings;
      if (typeof batch?.value !== 'number' || batch.value <= most) return stage;
      return { ...stage, settings: { ...stage.settings, batch: { ...batch, value: most } } };
    }),
  };
}
