import type {
  JournalEvent,
  PreviewPicture,
  SweepAction,
  SweepTrialSummary,
  TrainingEvent,
  TrialState,
} from '../../../src/runtime/events.js';

export interface SimulatedSettings {
  readonly rho: readonly number[];
  readonly beta: readonly number[];
  readonly seeds: number;
  readonly jobs: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Of one worker. */
  readonly stepsPerSecond: number;
}

export const smallSweep: SimulatedSettings = {
  rho: [0.01, 0.05],
  beta: [1, 5],
  seeds: 3,
  jobs: 2,
  epochs: 8,
  stepsPerEpoch: 200,
  stepsPerSecond: 400,
};

interface SimulatedTrial {
  readonly summary: SweepTrialSummary;
  readonly rho: number;
  readonly beta: number;
  state: TrialState;
  step: number;
  series: number;
}

/** A sweep of sparse autoencoders that nobody trains: the same calls give the same events. */
export class SimulatedSweep {
  readonly #settings: SimulatedSettings;
  readonly #trials: SimulatedTrial[];
  #jobs: number;
  #milliseconds = 0;
  #noise = 12345;
  #isDone = false;

  constructor(settings: SimulatedSettings) {
    this.#settings = settings;
    this.#jobs = settings.jobs;
    const points = settings.rho.flatMap((rho) => settings.beta.map((beta) => ({ rho, beta })));
    this.#trials = points.flatMap(({ rho, beta }, p) =>
      Array.from({ length: settings.seeds }, (_, s) => simulated(p * settings.seeds + s, rho, beta, s + 1)),
    );
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  start(): readonly JournalEvent[] {
    const { rho, beta, jobs } = this.#settings;
    return [
      {
        event: 'started',
        of: 'sweep',
        id: 's3',
        name: 'sparse',
        experiment: 'sparse',
        backend: 'simd',
        data: 'mnist',
        axes: [
          { name: 'rho', values: rho },
          { name: 'beta', values: beta },
        ],
        trials: this.#trials.map(({ summary }) => summary),
        objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
        comparable: 'loss',
        jobs,
        threads: 1,
      },
      ...this.#fill(),
    ];
  }

  /** What happens in the next milliseconds. */
  advance(milliseconds: number): readonly JournalEvent[] {
    if (this.#isDone) return [];
    this.#milliseconds += milliseconds;
    const steps = Math.round((this.#settings.stepsPerSecond * milliseconds) / 1000);
    const running = this.#trials.filter(({ state }) => state === 'running');
    const events = running.flatMap((trial) => this.#train(trial, steps));
    const workers = running.map((trial, worker): JournalEvent => {
      const stepsPerSecond = this.#settings.stepsPerSecond * (0.95 + 0.1 * this.#random());
      return { event: 'worker', worker, trial: trial.summary.trial, stepsPerSecond, bytes: 2.1e8 + worker * 1e7 };
    });
    const further = this.#fill();
    return [...events, ...workers, ...further, ...this.#ending('complete')];
  }

  act(action: SweepAction): readonly JournalEvent[] {
    const done: JournalEvent = { event: 'action', action };
    if (action.do === 'jobs') {
      this.#jobs = action.jobs;
      return [done, { event: 'jobs', jobs: action.jobs }, ...this.#fill()];
    }
    const trial = this.#trials[action.trial];
    if (trial === undefined) return [];
    switch (action.do) {
      case 'pause':
        return [done, ...this.#change(trial, 'paused', null), ...this.#fill()];
      case 'resume':
        return [done, ...this.#change(trial, 'queued', null), ...this.#fill()];
      case 'stop':
        return [done, ...this.#change(trial, 'stopped', 'by hand'), ...this.#fill()];
      case 'restart':
        trial.step = 0;
        return [done, ...this.#change(trial, 'queued', null), ...this.#fill()];
      case 'prioritise':
        return [done];
      case 'add_seeds': {
        const first = this.#trials.length;
        const added = Array.from({ length: action.seeds }, (_, i) =>
          simulated(first + i, trial.rho, trial.beta, this.#settings.seeds + i + 1),
        );
        this.#trials.push(...added);
        return [done, { event: 'trials_added', trials: added.map(({ summary }) => summary) }, ...this.#fill()];
      }
    }
  }

  interrupt(): readonly JournalEvent[] {
    const events = this.#trials
      .filter(({ state }) => state === 'running' || state === 'queued' || state === 'paused')
      .flatMap((trial) => this.#change(trial, 'interrupted', null));
    return [...events, ...this.#ending('interrupted')];
  }

  #fill(): readonly JournalEvent[] {
    const events: JournalEvent[] = [];
    for (const trial of this.#trials) {
      if (this.#trials.filter(({ state }) => state === 'running').length >= this.#jobs) break;
      if (trial.state !== 'queued') continue;
      events.push(...this.#change(trial, 'running', null));
      if (trial.step === 0) events.push(...this.#beginning(trial));
    }
    return events;
  }

  #beginning(trial: SimulatedTrial): readonly JournalEvent[] {
    const { epochs, stepsPerEpoch } = this.#settings;
    return [
      training(trial, {
        event: 'trial_started',
        experiment: 'sparse',
        seed: trial.summary.seed,
        backend: 'simd',
        examples: { train: 50000, validation: 10000, test: 10000 },
        parameters: 20200,
        stages: [{ stage: 'train', epochs, steps: epochs * stepsPerEpoch }],
        targets: { 'encoder.0.mean_activation': Number(trial.summary.parameters.rho) },
      }),
      training(trial, { event: 'stage_started', stage: 'train', epochs, stepsPerEpoch }),
    ];
  }

  #train(trial: SimulatedTrial, steps: number): readonly JournalEvent[] {
    const { epochs, stepsPerEpoch, stepsPerSecond } = this.#settings;
    const total = epochs * stepsPerEpoch;
    const first = trial.step;
    const count = Math.min(steps, total - first);
    const values = (value: (step: number) => number) =>
      Float32Array.from({ length: count }, (_, i) => value(first + i));
    const mse = values((step) => this.#loss(trial, step));
    const penalty = values((step) => 0.3 * Math.exp(-step / 150) + 0.002 * this.#random());
    const events: JournalEvent[] = [
      training(trial, {
        event: 'steps',
        stage: 'train',
        firstStep: first,
        series: {
          loss: mse.map((value, i) => value + (penalty[i] ?? 0)),
          'loss.mse': mse,
          'loss.kl_sparsity': penalty,
          gradient_norm: values((step) => 0.1 + 2 / (1 + step / 50) + 0.05 * this.#random()),
        },
      }),
    ];
    trial.step += count;
    for (let epoch = Math.floor(first / stepsPerEpoch) + 1; epoch <= Math.floor(trial.step / stepsPerEpoch); epoch++) {
      events.push(...this.#epoch(trial, epoch, stepsPerSecond));
    }
    return trial.step < total ? events : [...events, ...this.#finish(trial)];
  }

  #epoch(trial: SimulatedTrial, epoch: number, stepsPerSecond: number): readonly JournalEvent[] {
    const loss = this.#loss(trial, epoch * this.#settings.stepsPerEpoch);
    const mean = trial.rho + 0.4 * Math.exp(-epoch / 2);
    const dead = trial.rho < 0.02 ? Math.min(0.35, epoch * 0.05) : 0.01;
    return [
      training(trial, {
        event: 'epoch',
        stage: 'train',
        epoch,
        metrics: {
          'train.loss': loss + 0.01,
          'train.loss.mse': loss,
          'train.loss.kl_sparsity': 0.01,
          'train.mse': loss / 10,
        },
        stepsPerSecond,
      }),
      training(trial, {
        event: 'diagnostics',
        stage: 'train',
        epoch,
        metrics: {
          'encoder.0.mean_activation': mean,
          'encoder.0.dead': dead,
          'encoder.0.saturated': 0.02,
          'encoder.0.gradient_norm': 1 / epoch,
          'encoder.0.morans_i': 0.2 + epoch * 0.05,
          'encoder.0.structured_filters': 0.5,
          'decoder.0.mean_activation': 0.2,
          'decoder.0.dead': 0,
          'decoder.0.saturated': 0,
          'decoder.0.gradient_norm': 0.5 / epoch,
        },
      }),
      training(trial, {
        event: 'evaluation',
        stage: 'train',
        part: 'validation',
        epoch,
        metrics: { 'validation.loss': loss * 1.02 },
      }),
      {
        event: 'preview',
        trial: trial.summary.trial,
        moment: { stage: 'train', epoch },
        pictures: [picture('filters(code)', 45, 45, epoch), picture('reconstructions', 44, 22, epoch)],
      },
    ];
  }

  #finish(trial: SimulatedTrial): readonly JournalEvent[] {
    const loss = this.#loss(trial, trial.step);
    const metrics = { 'test.loss': loss * 1.03, 'train.loss': loss + 0.01, 'validation.loss': loss * 1.02 };
    const weightsSha256 = trial.summary.identity;
    return [
      training(trial, {
        event: 'trial_done',
        status: 'complete',
        metrics,
        weightsSha256,
        divergence: null,
        seconds: 4,
      }),
      ...this.#change(trial, 'complete', null, metrics, weightsSha256),
    ];
  }

  #change(
    trial: SimulatedTrial,
    state: TrialState,
    reason: string | null,
    metrics: Readonly<Record<string, number>> | null = null,
    weightsSha256: string | null = null,
  ): readonly JournalEvent[] {
    trial.state = state;
    const { trial: number } = trial.summary;
    return [{ event: 'trial_state', trial: number, state, runId: `r${number + 1}`, reason, weightsSha256, metrics }];
  }

  #ending(status: 'complete' | 'interrupted'): readonly JournalEvent[] {
    const open = this.#trials.some(({ state }) => state === 'running' || state === 'queued' || state === 'paused');
    if (open || this.#isDone) return [];
    this.#isDone = true;
    const counts: Partial<Record<TrialState, number>> = {};
    for (const { state } of this.#trials) counts[state] = (counts[state] ?? 0) + 1;
    return [
      {
        event: 'ended',
        id: 's3',
        status,
        counts,
        best: 0,
        differing: [],
        unevaluated: [],
        seconds: this.#milliseconds / 1000,
      },
    ];
  }

  #loss({ rho, beta, summary }: SimulatedTrial, step: number): number {
    const floor = 0.05 + 2 * (rho - 0.03) ** 2 * 100 + 0.002 * beta + 0.004 * summary.seed;
    const spike = step % 701 === 700 ? 0.5 : 0;
    return floor + 0.8 * Math.exp(-step / (200 + 40 * beta)) + 0.02 * this.#random() + spike;
  }

  /** Lehmer's generator: from 0 to 1. */
  #random(): number {
    this.#noise = (this.#noise * 48271) % 2147483647;
    return this.#noise / 2147483647;
  }
}

/** All events of a sweep from beginning to end, each with its time in milliseconds. */
export function recordedSweep(
  settings: SimulatedSettings,
  every = 250,
): readonly { readonly at: number; readonly event: JournalEvent }[] {
  const sweep = new SimulatedSweep(settings);
  const log = sweep.start().map((event) => ({ at: 0, event }));
  for (let at = every; !sweep.isDone; at += every) log.push(...sweep.advance(every).map((event) => ({ at, event })));
  return log;
}

function simulated(trial: number, rho: number, beta: number, seed: number): SimulatedTrial {
  const identity = (trial + 1).toString(16).padStart(4, '0').repeat(16);
  const summary = { trial, parameters: { rho, beta }, seed, identity, state: 'queued', runId: null } as const;
  return { summary, rho, beta, state: 'queued', step: 0, series: 0 };
}

function training({ summary }: SimulatedTrial, event: TrainingEvent): JournalEvent {
  return { ...event, trial: summary.trial };
}

function picture(name: string, width: number, height: number, phase: number): PreviewPicture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inTile = x % 11 !== 10 && y % 11 !== 10;
      const angle = Math.floor(x / 11) + 2 * Math.floor(y / 11) + phase / 4;
      const wave = Math.sin((x % 11) * Math.cos(angle) + (y % 11) * Math.sin(angle));
      rgb.fill(inTile ? Math.round(127 + 120 * wave) : 40, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { name, width, height, rgb, tiles: null };
}
