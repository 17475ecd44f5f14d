import { expect, test } from 'vitest';
import { History } from '../../src/trial/history.js';

test('a curve of very many points keeps every second one', () => {
  const history = new History();
  const count = 20_001;
  const loss = Float32Array.from({ length: count }, (_, i) => i);
  history.record({ event: 'steps', stage: 'train', firstStep: 0, series: { loss } });
  const [curve] = history.state.curves;
  expect(curve?.y).toEqual(Array.from({ length: 10_000 }, (_, i) => 2 * i + 1));
  expect(curve?.x).toEqual(curve?.y.map((y) => y + 1));
});
