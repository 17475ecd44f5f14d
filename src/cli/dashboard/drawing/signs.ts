import type { TrialState } from '../../../api/events.js';
import type { Role } from './theme.js';

/** A distinct sign for each state, so that colour is never the only difference. */
const signs: Readonly<Record<TrialState, { readonly sign: string; readonly colour: Role }>> = {
  queued: { sign: '·', colour: 'waiting' },
  running: { sign: '▶', colour: 'accent' },
  paused: { sign: '‖', colour: 'warning' },
  complete: { sign: '✓', colour: 'good' },
  cached: { sign: '≡', colour: 'good' },
  diverged: { sign: '∞', colour: 'bad' },
  failed: { sign: '✗', colour: 'bad' },
  pruned: { sign: '✂', colour: 'muted' },
  stopped: { sign: '■', colour: 'warning' },
  interrupted: { sign: '!', colour: 'warning' },
};

export function signOf(state: TrialState): { readonly sign: string; readonly colour: Role } {
  return signs[state];
}

/** In the order of counts. */
export const statesInOrder: readonly TrialState[] = [
  'complete',
  'cached',
  'running',
  'paused',
  'queued',
  'pruned',
  'stopped',
  'interrupted',
  'diverged',
  'failed',
];
