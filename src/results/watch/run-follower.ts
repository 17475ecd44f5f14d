import type { TrainingEvent, TrialStarted } from '../../runtime/events.js';
import { anyNumber, count, lenient, object, readJson, recordOf } from '../../runtime/formats/json.js';
import type { EpochMetric, RunRecord } from '../../runtime/store/records.js';
import type { RunReader } from '../../runtime/store/run-reader.js';

/** Reads what a run has recorded since the last poll, as the events of its training. */
export class RunFollower {
  readonly #store: RunReader;
  readonly #id: string;
  /** Stages whose start was reported. */
  readonly #stages = new Set<string>();
  /** By stage and metric: the first step not yet reported. */
  readonly #steps = new Map<string, number>();
  /** By stage, epoch and metric. */
  readonly #epochs = new Set<string>();
  #planTold = false;
  #endTold = false;

  /** @param id `r12` */
  constructor(store: RunReader, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** @throws StoreError */
  poll(): readonly TrainingEvent[] {
    if (this.#endTold) return [];
    const run = this.#store.findRun(this.#id);
    const events = [...this.#plan(run), ...this.#starts(run), ...this.#series(), ...this.#metrics(run)];
    return [...events, ...this.#end(run)];
  }

  #plan({ experiment, seed, backend, stages, trainableParameters }: RunRecord): readonly TrainingEvent[] {
    if (this.#planTold || stages.length === 0) return [];
    this.#planTold = true;
    return [
      {
        event: 'trial_started',
        experiment,
        seed,
        backend,
        ...this.#logged(),
        parameters: trainableParameters ?? 0,
        stages: stages.map(({ stage, epochs, steps }) => ({ stage, epochs, steps })),
      },
    ];
  }

  /** The number of examples and the loss's targets for layers, which only the log has. */
  #logged(): Pick<TrialStarted, 'examples' | 'targets'> {
    const started = this.#store.readLog(this.#id).find(({ event }) => event === 'trial_started');
    const none = { train: 0, validation: 0, test: 0 };
    if (started === undefined) return { examples: none, targets: {} };
    const { examples, targets } = readJson(startDetail, started.detail, 'the logged start');
    return {
      examples: { train: examples?.train ?? 0, validation: examples?.validation ?? 0, test: examples?.test ?? 0 },
      targets: targets ?? {},
    };
  }

  #starts({ stages }: RunRecord): readonly TrainingEvent[] {
    return stages.flatMap(({ stage, epochs, steps, stepsDone, epochsDone }): TrainingEvent[] => {
      if (this.#stages.has(stage) || (stepsDone === 0 && epochsDone === 0)) return [];
      this.#stages.add(stage);
      return [
        { event: 'stage_started', stage, epochs, stepsPerEpoch: epochs > 0 ? Math.round(steps / epochs) : steps },
      ];
    });
  }

  #series(): readonly TrainingEvent[] {
    return this.#store.listSeries(this.#id).flatMap(({ stage, metric }): TrainingEvent[] => {
      const key = `${stage}/${metric}`;
      const from = this.#steps.get(key) ?? 0;
      const { firstStep, values } = this.#store.readSeries(this.#id, stage, metric, { from });
      if (values.length === 0) return [];
      this.#steps.set(key, firstStep + values.length);
      return [{ event: 'steps', stage, firstStep, series: { [metric]: values } }];
    });
  }

  #metrics({ stages }: RunRecord): readonly TrainingEvent[] {
    const fresh = this.#store.readEpochs(this.#id).filter((metric) => !this.#epochs.has(epochKey(metric)));
    const groups = new Map<string, EpochMetric[]>();
    for (const metric of fresh) {
      this.#epochs.add(epochKey(metric));
      const key = `${metric.stage}/${metric.epoch}`;
      const group = groups.get(key);
      if (group) group.push(metric);
      else groups.set(key, [metric]);
    }
    return [...groups.values()].flatMap((group): TrainingEvent[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { stage, epoch } = first;
      const metrics = Object.fromEntries(group.map(({ metric, value }) => [metric, value]));
      const stepsPerSecond = stages.find((one) => one.stage === stage)?.stepsPerSecond ?? 0;
      return [{ event: 'epoch', stage, epoch, metrics, stepsPerSecond }];
    });
  }

  #end({ status, weightsSha256, divergence, seconds }: RunRecord): readonly TrainingEvent[] {
    switch (status) {
      case 'running':
      case 'paused':
        return [];
      case 'complete':
      case 'diverged':
      case 'failed':
      case 'interrupted':
      case 'pruned':
      case 'stopped': {
        this.#endTold = true;
        const ended = status === 'pruned' || status === 'stopped' ? 'interrupted' : status;
        return [
          {
            event: 'trial_done',
            status: ended,
            metrics: this.#store.readFinal(this.#id),
            weightsSha256: weightsSha256 ?? '',
            divergence,
            seconds: seconds ?? 0,
          },
        ];
      }
    }
  }
}

function epochKey({ stage, epoch, metric }: EpochMetric): string {
  return `${stage}/${epoch}/${metric}`;
}

/** Most layers with a target. */
const mostTargets = 1000;

const startDetail = object({
  examples: lenient(object({ train: lenient(count), validation: lenient(count), test: lenient(count) })),
  targets: lenient(recordOf(anyNumber, mostTargets)),
});
