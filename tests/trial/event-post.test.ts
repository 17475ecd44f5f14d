import { expect, test } from 'vitest';
import type { TrainingEvent } from '../../src/runtime/events.js';
import { EventPost } from '../../src/trial/event-post.js';
import { epoch, stageDone, steps } from '../runtime/store/sample-run.js';

test('epochs of a few milliseconds are posted together, in order, and nothing waits for the end of a stage', () => {
  let time = 0;
  const posts: (readonly TrainingEvent[])[] = [];
  const post = new EventPost(
    (events) => posts.push(events),
    () => time,
  );
  const all: TrainingEvent[] = [];
  const take = (event: TrainingEvent) => {
    all.push(event);
    post.take(event);
  };
  for (let i = 1; i <= 30; i++) {
    time += 10;
    take(steps(i, [1]));
    take(epoch(i, { 'train.loss': 1 }));
  }
  expect(posts).toHaveLength(3);
  take(epoch(31, {}));
  take(stageDone(31, 31));
  expect(posts).toHaveLength(4);
  expect(posts.flat()).toEqual(all);
  post.flush();
  expect(posts).toHaveLength(4);
});
