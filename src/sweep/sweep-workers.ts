/** How many trials train at one time, and with how many threads. */
export interface SweepWorkers {
  readonly jobs: number;
  /** Of each trial; null: the cores divided among those that train. */
  readonly threads: number | null;
  /** Where it is less than was asked for. */
  readonly note: string | null;
}

export interface AskedWorkers {
  /** Null: as many as the cores have room for. */
  readonly jobs: number | null;
  /** Of each trial; null: what the cores have room for. */
  readonly threads: number | null;
}

/** What a machine has room for: never more threads than cores, over all trials. */
export function sweepWorkers(asked: AskedWorkers, cores: number, trials: number): SweepWorkers {
  const threads = asked.threads === null ? null : Math.min(asked.threads, cores);
  const room = Math.max(1, Math.floor(cores / (threads ?? 1)));
  const jobs = Math.max(1, Math.min(asked.jobs ?? room, room, trials));
  const fits = (asked.jobs ?? 1) <= room && (asked.threads ?? 1) <= cores;
  return { jobs, threads, note: fits ? null : noteOf(asked, cores, { jobs, threads }) };
}

function noteOf(asked: AskedWorkers, cores: number, { jobs, threads }: Omit<SweepWorkers, 'note'>): string {
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
