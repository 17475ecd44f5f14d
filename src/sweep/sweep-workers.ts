import { availableParallelism } from 'node:os';
import { memoryText } from '../text/number-text.js';
import { memoryOfJobs, type SweepMemory } from '../trial/trial-memory.js';

/** How many trials train in parallel, and with how many threads. */
export interface SweepWorkers {
  readonly jobs: number;
  /** Most jobs there is room for, if the user asks for more. */
  readonly mostJobs: number;
  /** Threads of each trial; null to divide the cores among running trials. */
  readonly threads: number | null;
  /** Explains why there are fewer than requested. */
  readonly note: string | null;
}

export interface AskedWorkers {
  /** Null for as many as the cores allow. */
  readonly jobs: number | null;
  /** Threads of each trial; null for what the cores allow. */
  readonly threads: number | null;
}

/** Cores and memory for all trials together. */
export interface Room {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
}

/** Room for as many trials as requested, or as this machine has cores: nothing is known about other machines. */
export function roomElsewhere({ jobs, threads }: AskedWorkers): Room {
  return { cores: Math.max(availableParallelism(), (jobs ?? 1) * (threads ?? 1)), memory: Number.POSITIVE_INFINITY };
}

/** Fits workers to a machine: no more threads in total than cores, and no more parallel trials than fit in memory. */
export function sweepWorkers(
  asked: AskedWorkers,
  { cores, memory }: Room,
  trials: number,
  needs: SweepMemory,
): SweepWorkers {
  const threads = asked.threads === null ? null : Math.min(asked.threads, cores);
  const room = Math.max(1, Math.floor(cores / (threads ?? 1)));
  const wanted = Math.max(1, Math.min(asked.jobs ?? room, room, trials));
  const mostInMemory = jobsInMemory(needs, memory, room);
  const jobs = Math.min(wanted, Math.max(1, mostInMemory));
  const fits = (asked.jobs ?? 1) <= room && (asked.threads ?? 1) <= cores;
  const notes = [
    ...(fits ? [] : [noteOf(asked, cores, { jobs: wanted, threads })]),
    ...(wanted <= mostInMemory ? [] : [memoryNote(needs, memory, wanted, jobs)]),
  ];
  return { jobs, mostJobs: Math.min(room, Math.max(1, mostInMemory)), threads, note: notes.join('; ') || null };
}

/** 0 if not even one trial fits. */
function jobsInMemory(needs: SweepMemory, memory: number, most: number): number {
  let jobs = most;
  while (jobs > 0 && memoryOfJobs(needs, jobs) > memory) jobs--;
  return jobs;
}

function memoryNote(needs: SweepMemory, memory: number, wanted: number, jobs: number): string {
  const [need, there] = [memoryOfJobs(needs, wanted), memory].map(memoryText);
  const takes = `${counted(wanted, 'trial')} at a time would take about ${need} of memory, and there are ${there}`;
  return wanted > jobs ? `${takes}: ${counted(jobs, 'trial')} at a time` : `${takes}: a smaller batch takes less`;
}

function noteOf(asked: AskedWorkers, cores: number, { jobs, threads }: Pick<SweepWorkers, 'jobs' | 'threads'>): string {
  const wanted = [
    ...(asked.jobs === null ? [] : [counted(asked.jobs, 'job')]),
    ...(asked.threads === null ? [] : [counted(asked.threads, 'thread')]),
  ].join(' of ');
  const each = threads === null ? '' : `, with ${counted(threads, 'thread')} each`;
  const verb = asked.jobs === 1 || (asked.jobs === null && asked.threads === 1) ? 'was' : 'were';
  const are = cores === 1 ? 'is 1 core' : `are ${cores} cores`;
  return `${wanted} ${verb} asked for, and there ${are}: ${counted(jobs, 'trial')} at a time${each}`;
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
