import { describe, expect, it } from 'vitest';
import { FramePacing } from '../../../src/cli/dashboard/frame-pacing.js';
import { captureLines } from '../../../src/cli/dashboard/terminal/captured-output.js';
import { Screen } from '../../../src/cli/dashboard/terminal/screen.js';

function recorded() {
  const writes: string[] = [];
  const write = (text: string) => writes.push(text) > 0;
  return { writes, screen: new Screen({ write }, '') };
}

const row = (...texts: readonly string[]) => texts.map((text, i) => ({ x: i * 10, text }));

describe('the screen', () => {
  it('writes a frame at once, synchronized, and nothing that scrolls', () => {
    const { writes, screen } = recorded();
    screen.open();
    screen.draw([row('a', 'b'), row('c')], []);
    expect(writes).toHaveLength(2);
    expect(writes[1]?.startsWith('\x1b[?2026h')).toBe(true);
    expect(writes[1]?.endsWith('\x1b[?2026l')).toBe(true);
    expect(writes[1]).not.toContain('\n');
  });

  it('writes only what changed, at its place', () => {
    const { writes, screen } = recorded();
    screen.open();
    screen.draw([row('a', 'b'), row('c')], []);
    screen.draw([row('a', 'B'), row('c')], []);
    expect(writes[2]).toBe('\x1b[?2026h\x1b[1;11HB\x1b[?2026l');
    screen.draw([row('a', 'B'), row('c')], []);
    expect(writes).toHaveLength(3);
  });

  it('draws everything again after another size', () => {
    const { writes, screen } = recorded();
    screen.open();
    screen.draw([row('a')], []);
    screen.forget();
    screen.draw([row('a')], []);
    expect(writes[2]).toContain('\x1b[2J');
    expect(writes[2]).toContain('\x1b[1;1Ha');
  });

  it('gives back the shell’s screen, the cursor and the wrapping of lines, once', () => {
    const { writes, screen } = recorded();
    screen.open();
    screen.close();
    screen.close();
    screen.draw([row('late')], []);
    expect(writes[0]).toContain('\x1b[?1049h');
    expect(writes.slice(1)).toEqual(['\x1b[?2026l\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l']);
  });

  it('draws a picture again when cells over it were written', () => {
    const { writes, screen } = recorded();
    const picture = { rect: { x: 2, y: 0, width: 4, height: 1 }, sequence: '<picture>' };
    screen.open();
    screen.draw([row('a'), row('b')], [picture]);
    screen.draw([row('a'), row('c')], [picture]);
    screen.draw([row('A'), row('c')], [picture]);
    expect(writes.slice(1).map((text) => text.includes('<picture>'))).toEqual([true, false, true]);
  });
});

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
        pacing.finished();
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
