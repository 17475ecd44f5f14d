/** A difference between two versions of an experiment. */
export interface Change {
  /** `encoder.code`, `train`, `data` */
  readonly place: string;
  readonly kind: 'changed' | 'added' | 'removed' | 'moved' | 'renamed';
  /** The part of it: `dense`, `adam lr`; empty for the place itself. */
  readonly what: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Its cause: `param hidden`, `input.size`; null if none is known. */
  readonly because: string | null;
  /** Whether a result can depend on it; labels, figures and the like have no effect. */
  readonly counts: boolean;
}

/** `encoder.code: dense 100 → 300 (param hidden)` */
export function changeText(change: Change): string {
  const because = change.because === null ? '' : ` (${change.because})`;
  return `${change.place}: ${happening(change)}${because}${change.counts ? '' : '; no result depends on it'}`;
}

function happening({ kind, what, from, to }: Change): string {
  const of = what === '' ? '' : `${what} `;
  switch (kind) {
    case 'changed':
      return `${of}${from ?? 'none'} → ${to ?? 'none'}`;
    case 'added':
      return `new: ${of}${to ?? ''}`.trimEnd();
    case 'removed':
      return `gone: ${of}${from ?? ''}`.trimEnd();
    case 'moved':
      return `moved: ${of}${from ?? ''} → ${to ?? ''}`;
    case 'renamed':
      return `renamed: ${from ?? 'without a label'} → ${to ?? 'without a label'}`;
  }
}

/** A change of a value that counts, without a known cause. */
export function changed(place: string, what: string, from: string | null, to: string | null): Change {
  return { place, kind: 'changed', what, from, to, because: null, counts: true };
}

export function added(place: string, to: string): Change {
  return { place, kind: 'added', what: '', from: null, to, because: null, counts: true };
}

export function removed(place: string, from: string): Change {
  return { place, kind: 'removed', what: '', from, to: null, because: null, counts: true };
}

export function withoutEffect(change: Change): Change {
  return { ...change, counts: false };
}
