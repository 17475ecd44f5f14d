/** Optuna's samplers, asked and told by the same loop as this project's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { searchPython } from '../setup.mjs';

export class Optuna {
  #process = spawn(searchPython, [fileURLToPath(new URL('peers.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  #answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  /** A search as `regretsOf` wants it. */
  search(method) {
    return async (landscape, seed) => {
      await this.#ask({ begin: method, seed, axes: landscape.axes });
      return {
        next: async () => {
          const values = await this.#ask({ ask: true });
          return landscape.axes.map((axis, i) => unitOf(axis, values[i]));
        },
        tell: (number, value) => this.#ask({ tell: number, value: Number.isFinite(value) ? value : null }),
      };
    };
  }

  async close() {
    this.#process.stdin.end();
    await once(this.#process, 'close');
  }

  async #ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('peers.py ended');
    return JSON.parse(value);
  }
}

function unitOf({ kind, from, to, options }, value) {
  switch (kind) {
    case 'choice':
      return (options.indexOf(value) + 0.5) / options.length;
    case 'int':
      return (value - from + 0.5) / (to - from + 1);
    case 'uniform':
      return (value - from) / (to - from);
    case 'loguniform':
      return Math.log(value / from) / Math.log(to / from);
  }
}
