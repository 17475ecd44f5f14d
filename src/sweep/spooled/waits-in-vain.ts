import type { SlurmError, SlurmReason } from '../../execute/slurm/slurm-error.js';
import { SshError, type SshReason } from '../../execute/ssh/ssh-error.js';
import type { SyncedSweep } from './merge-sweep.js';

const lastingReasons: ReadonlySet<SlurmReason | SshReason> = new Set<SlurmReason | SshReason>([
  'not_installed',
  'not_configured',
  'unknown_partition',
  'account',
  'time_limit',
  'too_large',
  'host_key',
  'no_node',
  'no_tar',
  'no_scheduler',
]);

/** Whether a sweep has trials left, and a reason that only the user can remove keeps it from going on. */
export function waitsInVain({ running, waiting, unasked, refused }: SyncedSweep): boolean {
  if (unasked !== null) return isLasting(unasked);
  return running.length + waiting.length === 0 && refused !== null && isLasting(refused);
}

function isLasting(error: SlurmError | SshError): boolean {
  // Slurm refuses for many reasons, ssh for a key.
  return lastingReasons.has(error.reason) || (error instanceof SshError && error.reason === 'refused');
}
