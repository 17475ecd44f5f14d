import type { Findings } from '../diagnostics/findings.js';
import type { ExperimentIr } from '../ir/experiment.js';
import { memoryNeed, memoryText } from '../ir/memory.js';
import type { BoundExperiment } from '../resolve/bound.js';

/** Upper bound on the overestimate: beyond it, the training certainly doesn't fit. */
const SURE = 1.6;

/** Reports an error if a training doesn't fit in memory, and a warning if it may not. */
export function checkMemory(ir: ExperimentIr, most: number, bound: BoundExperiment, findings: Findings): void {
  const { total } = memoryNeed(ir);
  if (total <= most) return;
  const setting = bound.train?.settings.find(({ name }) => name.name === 'batch');
  const message = `training needs about ${memoryText(total)} of memory, but only ${memoryText(most)} is available`;
  const place = setting?.span ?? bound.train?.span ?? bound.name.span;
  const hint = hintOf(ir, most);
  if (total > SURE * most) findings.error('AE406', message, place, { hint });
  else findings.warning('AE406', message, place, { hint });
}

/** Suggests the largest batch that fits, by halving. */
function hintOf(ir: ExperimentIr, most: number): string {
  const batches = ir.stages.map(({ settings }) => settings.batch?.value);
  const largest = batches.reduce<number>((top, batch) => (typeof batch === 'number' ? Math.max(top, batch) : top), 1);
  for (let batch = Math.floor(largest / 2); batch >= 1; batch = Math.floor(batch / 2)) {
    const { total } = memoryNeed(withBatch(ir, batch));
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
