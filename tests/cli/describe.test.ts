import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lines } from './command.js';
import { aedsl } from './recorded-console.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-describe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
/** An experiment on digits of 20×20 pixels. */
function file(layers: string, loss = 'mse()'): string {
  const path = join(folder, `e${count++}.ae`);
  writeFileSync(
    path,
    `experiment e {\n  data digits(take=60, test=20) { center_crop(20) }\n${layers}\n  loss ${loss}\n  train adam() { epochs = 1  batch = 20 }\n}\n`,
  );
  return path;
}

describe('aedsl describe', () => {
  it('shows heads within their layer, and counts as PyTorch does', async () => {
    const path = file(
      `  encoder { dense(400, activation=relu)  z: reparameterize { mu: dense(20)  logvar: dense(20) } }
  decoder { dense(400, activation=relu)  dense(input.size, activation=sigmoid) }`,
      'mse() + kl_gaussian()',
    );
    const { code, out, err } = await aedsl('describe', path);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      out
        .split('\n')
        .slice(2, 15)
        .map((line) => line.trimEnd()),
    ).toEqual([
      '                  layer                 output   parameters  values at the start',
      '                  digits                1×20×20',
      '                  flatten               400                  inserted',
      'encoder.0         dense(400)            400         160,400  weight, bias U(±0.05)',
      '                  relu                  400',
      'encoder.1         z: reparameterize     20',
      'encoder.1.mu        mu: dense(20)       20            8,020  weight, bias U(±0.05)',
      'encoder.1.logvar    logvar: dense(20)   20            8,020  weight, bias U(±0.05)',
      'decoder.0         dense(400)            400           8,400  weight, bias U(±0.224)',
      '                  relu                  400',
      'decoder.1         dense(400)            400         160,400  weight, bias U(±0.05)',
      '                  sigmoid               400',
      '                  reshape([1, 20, 20])  1×20×20              inserted',
    ]);
    // 400·400 + 400, twice 400·20 + 20, 20·400 + 400, 400·400 + 400.
    expect(out).toMatch(/^parameters {2}345,240$/m);
    expect(out).toMatch(/^code {8}20 of 400 values$/m);
    expect(out).toMatch(/^memory {6}about \d+ MiB while training, \d+ MiB of it for the data:$/m);
  });

  it('shows what a derived decoder is tied to, and statistics that are not trained', async () => {
    const tied = file(
      `  encoder { h: dense(30, init=normal(std=0.02), activation=sigmoid)  code: dense(8) }
  decoder tied(encoder, output=sigmoid)`,
    );
    const { out } = await aedsl('describe', tied);
    expect(out).toMatch(
      /^encoder\.0 +h: dense\(30, init=normal\(std=0\.02\)\) +30 +12,030 +weight N\(0, 0\.02²\); bias 0$/m,
    );
    expect(out).toMatch(/^decoder\.0 +dense\(30\) +30 +30 +weight = encoder\.1\.weightᵀ; bias U\(/m);
    // 12,030 and 248 in the encoder; of the decoder the biases alone, 30 and 400.
    expect(out).toMatch(/^parameters {2}12,708, weights in two places counted once$/m);
    const normalized = file('  encoder { dense(30)  batch_norm()  code: dense(8) }\n  decoder { dense(400) }');
    const other = (await aedsl('describe', normalized)).out;
    expect(other).toMatch(/^encoder\.1 +batch_norm +30 +60 +weight, running_var 1; bias, running_mean 0$/m);
    expect(other).toMatch(/^parameters {2}15,938, and 60 numbers that are not trained$/m);
  });

  it('names the pools that are undone, and takes params and data', async () => {
    const path = file(
      `  param f = 4
  encoder { conv2d(f, kernel=3, padding=1)  p: max_pool2d(2)  code: dense(9) }
  decoder { dense(400)  reshape([f, 10, 10])  unpool2d(from=p)  conv_transpose2d(1, kernel=3, padding=1) }`,
    );
    const { code, out, err } = await aedsl('describe', path, 'f=4', '--data', 'digits(take=50)');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^encoder\.0 +conv2d\(4, kernel=3, padding=1\) +4×20×20 +40 /m);
    expect(out).toMatch(/^ +p: max_pool2d\(2\) +4×10×10$/m);
    expect(out).toMatch(/^ +unpool2d\(from=p\) +4×20×20$/m);
    const [json] = lines((await aedsl('describe', path, '--json')).out);
    expect(json).toMatchObject({ experiment: 'e', input: [1, 20, 20], examples: { train: 60, test: 20 } });
    expect(json?.encoder).toMatchObject([
      { word: 'conv2d', output: [4, 20, 20], parameters: 40, weights: [{ name: 'weight', shape: [4, 1, 3, 3] }, {}] },
      { label: 'p' },
      { word: 'flatten' },
      { label: 'code' },
    ]);
  });

  it('reports an experiment that is wrong, with the shapes on the way', async () => {
    const path = file(
      `  encoder { conv2d(8, kernel=3, activation=relu)  max_pool2d(2)  code: dense(16) }
  decoder { dense(32, activation=relu)  dense(300, activation=sigmoid) }`,
    );
    const { code, out, err } = await aedsl('describe', path);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    const note =
      'shapes on the way: 1×20×20 → conv2d 8×18×18 → max_pool2d 8×9×9 → flatten 648 → code 16, then dense 32 → dense 300';
    expect(err).toContain(`note: ${note}\n`);
    expect(lines((await aedsl('check', path, '--json')).out)).toMatchObject([{ code: 'AE401', note }]);
  });

  it('says the shapes up to a layer that does not fit, the middle of many left out', async () => {
    const deep = Array.from({ length: 30 }, (_, i) => `dense(${100 - i})`).join('  ');
    const path = file(`  encoder { ${deep}  conv2d(8, kernel=3)  code: dense(16) }\n  decoder { dense(input.size) }`);
    const { code, out } = await aedsl('check', path);
    expect(code).toBe(3);
    expect(out).toContain(
      'note: shapes on the way: 1×20×20 → flatten 400 → dense 100 → dense 99 → dense 98 → dense 97 → dense 96 → … → dense 76 → dense 75 → dense 74 → dense 73 → dense 72 → dense 71\n',
    );
  });
});
