import type { Evaluating } from '../api/events.js';

/** `evaluating knn, 2 of 5: 40 %` */
export function evaluatingText({ names, done, of, share }: Evaluating): string {
  const [first, last] = [done + 1, done + names.length];
  const place = of === 1 ? '' : `, ${first === last ? first : `${first} to ${last}`} of ${of}`;
  return `evaluating ${names.join(', ')}${place}: ${Math.floor(100 * share)} %`;
}
