import { printable } from '../../api/compiler.js';
import type {
  EpochDone,
  EvaluationDone,
  Listener,
  StageStarted,
  StepsDone,
  TrainingEvent,
  TrialStateChanged,
} from '../../api/events.js';
import { isOfLoss, metricName, partOf, readMetric, termLabel } from '../../api/metrics.js';
import { clockText, countText, durationText, groupedText, numberText } from '../../api/text.js';
import type { DownloadProgress } from '../../api/training.js';
import type { Console } from '../console.js';
import { evaluatingText } from '../evaluating-text.js';

/** Clock in milliseconds, for display only. */
export type Clock = () => number;

/** Milliseconds between log lines of an evaluation. */
const quiet = 60_000;

/**
 * Prints a training's record on `out`: what is trained, a line per epoch, the test results, how it ended. On a
 * terminal, redraws one line of `err` below: epoch, loss terms, steps per second and time left, then the progress of
 * the evaluation. Elsewhere, a long evaluation prints a line a minute.
 */
export function progressReporter(console: Console, clock: Clock): Listener {
  const line = new LiveLine(console);
  let stage: StageProgress | null = null;
  let pending: EpochDone | null = null;
  let told: number | null = null;
  const printEpoch = (evaluation: EvaluationDone | null) => {
    if (pending === null) return;
    line.print(epochLine(pending, evaluation, stage));
    pending = null;
  };
  const changed = ({ state, reason, metrics, weightsSha256 }: TrialStateChanged) => {
    if (state === 'cached' && metrics !== null) {
      const tested = Object.entries(metrics).filter(([name]) => partOf(name) === 'test');
      if (tested.length > 0) line.print(`test: ${metricsText(Object.fromEntries(tested))}`);
      line.print(`cached: ${reason} · weights ${weightsSha256?.slice(0, 16)}`);
      line.note('it was complete already; --force trains it again');
    }
  };
  return (event) => {
    switch (event.event) {
      case 'started':
        line.print(
          `${event.id ?? 'not stored'} · ${event.experiment} · seed ${event.trials[0]?.seed ?? ''} · ${event.data} · ${event.backend}`,
        );
        break;
      case 'note':
        line.note(event.text);
        break;
      case 'trial_started': {
        const { train, validation, test } = event.examples;
        const parts = [
          countText(train, 'example'),
          validation > 0 ? `${validation} for validation` : null,
          `${test} for test`,
        ];
        line.print(`${groupedText(event.parameters)} parameters · ${parts.filter((p) => p !== null).join(', ')}`);
        break;
      }
      case 'stage_started':
        stage = new StageProgress(event, clock());
        break;
      case 'steps':
        if (stage) line.draw(stage.line(event, clock()));
        break;
      case 'epoch':
        printEpoch(null);
        pending = event;
        break;
      case 'evaluation':
        if (event.part === 'validation') printEpoch(event);
        else if (event.part === 'train') {
          printEpoch(null);
          line.print(`  training part, evaluated: ${metricsText(event.metrics)}`);
        } else {
          printEpoch(null);
          line.print(`test: ${metricsText(event.metrics)}`);
        }
        break;
      case 'stage_done':
        printEpoch(null);
        if (event.reason === 'early_stop')
          line.print(`${event.stage} stopped early, after ${countText(event.epochs, 'epoch')}`);
        if (event.reason === 'max_steps')
          line.print(`${event.stage} ended after ${countText(event.steps, 'step')}, as asked`);
        stage = null;
        break;
      case 'evaluating':
        printEpoch(null);
        told ??= clock();
        if (console.interactive) line.draw(evaluatingText(event));
        else if (clock() - told >= quiet) {
          line.note(evaluatingText(event));
          told = clock();
        }
        break;
      case 'trial_done':
        printEpoch(null);
        line.print(ending(event));
        break;
      case 'trial_state':
        changed(event);
        break;
      case 'ended':
        line.clear();
        break;
      case 'diagnostics':
      case 'checkpoint':
      case 'trials_added':
      case 'comparable':
      case 'preview':
      case 'worker':
      case 'jobs':
      case 'rung':
      case 'action':
        break;
    }
  };
}

/** The same live line for a download. */
export function downloadProgress(console: Console): (progress: DownloadProgress) => void {
  const line = new LiveLine(console);
  return ({ file, received, total }) => {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const share = total === null ? '' : ` ${bar(received / total)} of ${megabytes(total)}`;
    line.draw(`${file}: ${megabytes(received)}${share} MB`);
    if (received === total) line.note(`${file}: ${megabytes(received)} MB downloaded`);
  };
}

/** The last line of a terminal, redrawn in place; does nothing elsewhere. */
class LiveLine {
  readonly #console: Console;
  #drawn = false;

  constructor(console: Console) {
    this.#console = console;
  }

  draw(text: string): void {
    this.#console.redraw(text);
    this.#drawn = true;
  }

  print(text: string): void {
    this.clear();
    this.#console.out(`${printable(text)}\n`);
  }

  note(text: string): void {
    this.clear();
    this.#console.err(`${printable(text)}\n`);
  }

  clear(): void {
    if (this.#drawn) this.#console.redraw('');
    this.#drawn = false;
  }
}

class StageProgress {
  readonly #stage: StageStarted;
  readonly #started: number;

  constructor(stage: StageStarted, started: number) {
    this.#stage = stage;
    this.#started = started;
  }

  get epochs(): number {
    return this.#stage.epochs;
  }

  line(event: StepsDone, now: number): string {
    const { stage, epochs, stepsPerEpoch, steps = epochs * stepsPerEpoch } = this.#stage;
    const count = Math.max(0, ...Object.values(event.series).map((values) => values.length));
    const done = event.firstStep + count;
    const seconds = Math.max(1e-3, (now - this.#started) / 1000);
    const rate = done / seconds;
    const left = (steps - done) / rate;
    const terms = Object.entries(event.series)
      .filter(([name]) => isOfLoss(name))
      .map(([name, values]) => `${termLabel(name)} ${numberText(values.at(-1) ?? Number.NaN, 4)}`);
    const epoch = Math.min(epochs, Math.floor(done / stepsPerEpoch) + 1);
    return `${stage} ${epoch}/${epochs} ${bar(done / steps)} ${terms.join(' ')} · ${Math.round(rate)} steps/s · ${clockText(left)} left`;
  }
}

function epochLine(epoch: EpochDone, evaluation: EvaluationDone | null, stage: StageProgress | null): string {
  const place = `${epoch.stage} ${epoch.epoch}${stage ? `/${stage.epochs}` : ''}`;
  const validation = evaluation ? ` · validation ${metricsText(evaluation.metrics)}` : '';
  return `${place}  ${metricsText(epoch.metrics)}${validation} · ${Math.round(epoch.stepsPerSecond)} steps/s`;
}

/** The loss, its terms if there are several, and the squared error per example; `aedsl show` has the rest. */
function metricsText(metrics: Readonly<Record<string, number>>): string {
  const measured = Object.entries(metrics).map(([name, value]) => ({ ...readMetric(name), value }));
  const loss = measured.find(({ quantity }) => quantity === 'loss')?.value;
  return measured
    .filter(
      ({ quantity, value }) => quantity === 'loss' || quantity === 'sse' || (quantity !== 'mse' && value !== loss),
    )
    .map(({ scope, quantity, value }) => {
      const label = termLabel(quantity);
      const name = scope.kind === 'pretraining' ? metricName({ kind: 'layer', layer: scope.layer }, label) : label;
      return `${name} ${numberText(value, 5)}`;
    })
    .join('  ');
}

function ending(event: TrainingEvent & { event: 'trial_done' }): string {
  const time = `in ${durationText(event.seconds)}`;
  switch (event.status) {
    case 'complete':
      return `complete ${time} · weights ${event.weightsSha256.slice(0, 16)}`;
    case 'diverged': {
      const where = event.divergence;
      return where === null
        ? `diverged ${time}`
        : `diverged at step ${where.step} of ${where.stage}: ${where.layer} was the first to become non-finite`;
    }
    case 'interrupted':
      return `interrupted ${time}; progress is kept`;
    case 'failed':
      return `failed ${time}`;
  }
}

function bar(share: number): string {
  const width = 12;
  const full = Math.max(0, Math.min(width, Math.round(share * width)));
  return `${'━'.repeat(full)}${'─'.repeat(width - full)}`;
}
