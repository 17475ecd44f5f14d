import type { TrialMessage } from '../../execute/job.js';
import type { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { type Attempt, AttemptReader, Attempts } from '../../execute/spool/attempts.js';
import { partsTo } from '../../execute/spool/parts.js';
import { FileError } from '../../files/read-file.js';
import {
  type Ended,
  hasEnded,
  isTraining,
  type JournalEvent,
  type Started,
  type TrialState,
} from '../../runtime/events.js';
import { JsonError } from '../../runtime/formats/json.js';
import { countText } from '../../text/number-text.js';
import type { SweepFollower } from './sweep-follower.js';

/** Trials whose folders are looked at in one poll, to spare a shared file system. */
const lookedAt = 20;

/** What is shown of a trial that the results lack. */
interface OpenTrial {
  runId: string | null;
  /** The newest attempt seen, 0 before any. */
  attempt: number;
  /** Null if there is nothing to follow. */
  reader: AttemptReader | null;
  /** Attempts whose messages were told. */
  readonly told: Set<number>;
}

function opened(runId: string | null): OpenTrial {
  return { runId, attempt: 0, reader: null, told: new Set() };
}

/** Follows a sweep that is submitted: what the results have, and of the others what their spools say. */
export class SubmittedFollower {
  readonly #results: SweepFollower;
  readonly #folder: SweepFolder;
  readonly #open = new Map<number, OpenTrial>();
  readonly #ended = new Set<number>();
  /** Trials that wait at their rung. */
  readonly #atRung = new Set<number>();
  /** Epoch of the last rung that a trial has passed. */
  readonly #passed = new Map<number, number>();
  #next = 0;
  /** Trials of a search that are not decided yet, or were not when the last ones were added. */
  #undecided = 0;
  #isTold = false;
  #isDone = false;

  constructor(results: SweepFollower, folder: SweepFolder) {
    this.#results = results;
    this.#folder = folder;
  }

  /** Whether every trial has an end, merged or not. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** @throws StoreError */
  poll(): readonly JournalEvent[] {
    const events: JournalEvent[] = [];
    let end: Ended | null = null;
    for (const event of this.#results.poll()) {
      if (event.event === 'ended') end = event;
      else events.push(...this.#ofResults(event));
    }
    for (const [trial, open] of this.#toLookAt()) events.push(...this.#guarded(trial, () => this.#look(trial, open)));
    for (const [trial, open] of this.#open) {
      if (open.reader !== null) events.push(...this.#guarded(trial, () => this.#follow(trial, open)));
    }
    // A search may have found no more points than it has.
    if (end?.status === 'complete') this.#undecided = 0;
    const open = [...this.#open.keys()];
    const waiting = open.filter((trial) => this.#atRung.has(trial)).length;
    const hasEnded = open.every((trial) => this.#ended.has(trial) || this.#atRung.has(trial));
    this.#isDone = hasEnded && waiting === 0 && this.#undecided === 0;
    if (this.#open.size === 0 && end !== null && this.#isDone) events.push(end);
    else if (hasEnded && !this.#isTold) {
      this.#isTold = true;
      events.push({ event: 'note', trial: null, text: this.#whatNext(waiting) });
    }
    return events;
  }

  /** @param waiting number of trials at rungs */
  #whatNext(waiting: number): string {
    if (waiting > 0)
      return `${countText(waiting, 'trial')} at rungs; \`aedsl sync\` decides which go on, and submits them`;
    return this.#undecided === 0
      ? 'all trials have ended; `aedsl sync` merges them'
      : 'all trials have ended that were submitted; `aedsl sync` merges them and submits the next';
  }

  #ofResults(event: JournalEvent): readonly JournalEvent[] {
    if (isTraining(event)) return this.#open.has(event.trial) ? [] : [event];
    if (event.event === 'started') return [this.#started(event)];
    if (event.event === 'trials_added') {
      for (const { trial, runId } of event.trials) this.#open.set(trial, opened(runId));
      this.#undecided = Math.max(0, this.#undecided - event.trials.length);
      this.#isTold = false;
      return [event];
    }
    if (event.event === 'rung') return [event, ...event.kept.flatMap((trial) => this.#keeps(trial, event.epoch))];
    if (event.event !== 'trial_state') return [event];
    const { trial, state, runId } = event;
    if (state !== 'interrupted' && state !== 'queued') {
      // It is merged, or trained on this machine.
      this.#open.delete(trial);
      return [event];
    }
    // It is not interrupted: a task trains it, or will.
    const known = this.#open.get(trial);
    if (known !== undefined) {
      known.runId = runId;
      return [];
    }
    const open = opened(runId);
    this.#open.set(trial, open);
    // It was submitted again: the attempts that are there led to its earlier end.
    const passed = this.#guarded(trial, () => {
      open.attempt = this.#attemptsAt(trial).at(-1)?.number ?? 0;
      return [];
    });
    return [changed(trial, open, 'queued', null), ...passed];
  }

  /** It is decided that a trial goes on. */
  #keeps(trial: number, epoch: number): readonly JournalEvent[] {
    this.#passed.set(trial, Math.max(epoch, this.#passed.get(trial) ?? 0));
    const open = this.#open.get(trial);
    return open !== undefined && this.#atRung.delete(trial) ? [changed(trial, open, 'queued', null)] : [];
  }

  #started(started: Started): Started {
    const trials = started.trials.map((summary) => {
      if (isMerged(summary.state)) return summary;
      const { trial, parameters, seed, identity, runId } = summary;
      this.#open.set(trial, opened(runId));
      return { trial, parameters, seed, identity, state: 'queued', runId } as const;
    });
    this.#undecided = started.search === undefined ? 0 : started.search.trials - trials.length;
    return { ...started, trials };
  }

  /** All of them at first, then some in turn. */
  #toLookAt(): readonly (readonly [number, OpenTrial])[] {
    const all = [...this.#open];
    if (this.#next === 0) {
      this.#next = 1;
      return all;
    }
    const from = this.#next % Math.max(1, all.length);
    this.#next = from + lookedAt;
    return [...all.slice(from), ...all.slice(0, from)].slice(0, lookedAt);
  }

  /** Turns to a newer attempt at a trial. */
  *#look(trial: number, open: OpenTrial): Iterable<JournalEvent> {
    const attempts = this.#attemptsAt(trial);
    const last = attempts.at(-1);
    if (last === undefined || last.number <= open.attempt) return;
    open.attempt = last.number;
    open.reader = new AttemptReader(last);
    this.#ended.delete(trial);
    this.#atRung.delete(trial);
    this.#isTold = false;
    yield changed(trial, open, 'running', last.task === null ? null : `task ${last.task} on ${last.host}`);
    const before = partsTo(attempts, last, null).slice(0, -1);
    open.told.add(last.number);
    for (const { attempt } of before) yield* this.#earlier(trial, open, attempt);
  }

  #attemptsAt(trial: number): readonly Attempt[] {
    return new Attempts(this.#folder.jobOf(trial)).list();
  }

  /** The training up to where a later attempt goes on, unless it was told. What both have trained is told twice. */
  *#earlier(trial: number, open: OpenTrial, attempt: Attempt): Iterable<JournalEvent> {
    if (open.told.has(attempt.number)) return;
    open.told.add(attempt.number);
    for (const message of new AttemptReader(attempt).read()) {
      if (message.type === 'events') for (const event of message.events) yield { ...event, trial };
    }
  }

  *#follow(trial: number, open: OpenTrial): Iterable<JournalEvent> {
    for (const message of open.reader?.read() ?? []) yield* this.#said(trial, open, message);
  }

  #said(trial: number, open: OpenTrial, message: TrialMessage): readonly JournalEvent[] {
    switch (message.type) {
      case 'events':
        return message.events.map((training) => ({ ...training, trial }));
      case 'note':
        return [{ event: 'note', trial, text: message.text }];
      case 'failed':
        return [this.#over(trial, open, 'failed', message.reason)];
      case 'ended': {
        const { status, metrics, weightsSha256, unfinished, atEpoch } = message.end;
        if (atEpoch !== undefined && atEpoch > (this.#passed.get(trial) ?? 0)) {
          open.reader = null;
          this.#atRung.add(trial);
          return [changed(trial, open, 'paused', `waits for the others at epoch ${atEpoch}`)];
        }
        if (status === 'interrupted' || unfinished) {
          open.reader = null;
          return [changed(trial, open, 'paused', 'continues from its last checkpoint')];
        }
        return [{ ...this.#over(trial, open, status, null), metrics, weightsSha256 }];
      }
      default:
        return [];
    }
  }

  #over(trial: number, open: OpenTrial, state: TrialState, reason: string | null) {
    open.reader = null;
    this.#ended.add(trial);
    return changed(trial, open, state, reason);
  }

  /** What can't be read of a trial is said once. */
  #guarded(trial: number, read: () => Iterable<JournalEvent>): readonly JournalEvent[] {
    const events: JournalEvent[] = [];
    try {
      for (const event of read()) events.push(event);
    } catch (error) {
      if (!(error instanceof JsonError || error instanceof FileError)) throw error;
      const open = this.#open.get(trial);
      if (open !== undefined) open.reader = null;
      // It was merged meanwhile.
      if (error instanceof FileError && error.reason === 'not_found') return events;
      events.push({ event: 'note', trial, text: `its spool cannot be read: ${error.message}` });
    }
    return events;
  }
}

function changed(trial: number, { runId }: OpenTrial, state: TrialState, reason: string | null) {
  return { event: 'trial_state', trial, state, runId, reason, weightsSha256: null, metrics: null } as const;
}

function isMerged(state: TrialState): boolean {
  return state !== 'interrupted' && hasEnded(state);
}
