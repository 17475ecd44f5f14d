import { halfOpen } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';

const positive = halfOpen(0, Number.POSITIVE_INFINITY);

/** Factor of every update. */
export function learningRate<const Default extends number>(byDefault: Default) {
  return scheduled({ doc: 'Learning rate.', peers: ['learning_rate'], default: byDefault, range: positive });
}

export function weightDecay<const Default extends number>(byDefault: Default, doc: string) {
  return scheduled({ doc, default: byDefault, range: positive });
}

/** The number that keeps a division by a root of zero finite. */
export function epsilon() {
  return scheduled({
    doc: 'Added to the root that is divided by.',
    peers: ['epsilon'],
    default: 1e-8,
    range: positive,
  });
}

/** Decay rate of an exponential moving average. */
export function decayRate<const Default extends number>(
  byDefault: Default,
  doc: string,
  peers: readonly string[] = [],
) {
  return scheduled({ doc, peers, default: byDefault, range: halfOpen(0, 1) });
}
