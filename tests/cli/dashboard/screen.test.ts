import { describe, expect, it } from 'vitest';
import { FramePacing } from '../../../src/cli/dashboard/frame-pacing.js';
import { captureLines } from '../../../src/cli/dashboard/terminal/captured-output.js';

describe('the pace', () => {
  /** A clock that is moved by hand. */
  function paced(cost: number) {
    let now = 0;
    let due: { at: number; action: () => void } | null = null;
    const frames: number[] = [];
    const pacing = new FramePacing(
      {
        now: () => now,
        after: (milliseconds, action) => {
          due = { at: now + milliseconds, action };
          return () => {
            due = null;
          };
        },
      },
      () => {
        frames.push(now);
        now += cost;
      },
    );
    const run = (until: number, soon: boolean) => {
      while (now < until) {
        pacing.request(soon);
        if (due === null) break;
        const { at, action } = due;
        due = null;
        now = Math.max(now, at);
        action();
      }
    };
    return { frames, run };
  }

  it('is at most ten frames a second however many keys come', () => {
    const { frames, run } = paced(1);
    run(10_000, true);
    expect(frames.length).toBeLessThanOrEqual(101);
    expect(frames.length).toBeGreaterThan(90);
  });

  it('leaves the machine to the training where frames are costly', () => {
    const { frames, run } = paced(30);
    run(100_000, false);
    expect((frames.length * 30) / 100_000).toBeLessThan(0.05);
  });
});

describe('captured output', () => {
  it('comes line by line, and the stream is as before afterwards', () => {
    const lines: string[] = [];
    const written: string[] = [];
    const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    const stream = { write };
    const release = captureLines(stream, (line) => lines.push(line));
    stream.write('one\ntw');
    stream.write(Buffer.from('o\nthree'));
    expect(lines).toEqual(['one', 'two']);
    release();
    expect(lines).toEqual(['one', 'two', 'three']);
    stream.write('after');
    expect(written).toEqual(['after']);
  });
});
