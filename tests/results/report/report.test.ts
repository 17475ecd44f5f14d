import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { parseRecipe, stringifyRecipe } from '../../../src/project/recipe.js';
import { paramsTable } from '../../../src/results/report/best-trial.js';
import { sweepReport } from '../../../src/results/report/report.js';
import { runReport } from '../../../src/results/report/run-report.js';
import { resolveSweep } from '../../../src/results/table-subject.js';
import { builtinWords } from '../../../src/words/words.js';
import { inFolder } from '../../runtime/store/sample-run.js';
import { type SampleSweep, sweepDatabase, threeSettings } from '../../sweep/sweep-database.js';
import { findBrowser, visit } from './browser.js';

const script = '<script>globalThis.taken = true</script>';
const image = '"><img src="http://example.invalid/x.png" onerror="globalThis.taken = true">';
const png = encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3, depth: 8 });

/** Every text that a person can choose holds markup. */
const malicious: SampleSweep = {
  experiment: `x${script}`,
  name: `name ${image}`,
  file: `</title>${script}.ae`,
  command: `aedsl sweep ${image}`,
  source: JSON.stringify({
    sources: [{ path: `a${image}`, text: `experiment x { } </pre>${script}` }],
    experiment: null,
    params: [],
    files: {},
  }),
  trials: [1, 2, 3, 4].map((seed) => ({
    parameters: { [`p${image}`]: seed % 2 === 0 ? script : image, q: seed < 3 },
    seed,
    losses: [2, 1 + seed],
    ...(seed === 4 ? { state: 'failed' as const, reason: `</td>${script}` } : {}),
    figures: { [`filters(${image})`]: png },
  })),
};

const plain: SampleSweep = {
  trials: threeSettings(2),
  source: JSON.stringify({
    sources: [{ path: 'a.ae', text: 'experiment a { }' }],
    experiment: null,
    params: [],
    files: {},
  }),
};

async function report(sweep: SampleSweep, use: (html: string, path: string) => void | Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const store = await sweepDatabase(folder, [sweep]);
    try {
      const html = await sweepReport(store, resolveSweep(store, 'last'), { words: builtinWords });
      expect(await sweepReport(store, resolveSweep(store, 'last'), { words: builtinWords })).toBe(html);
      const path = join(folder, 'report.html');
      writeFileSync(path, html);
      await use(html, path);
    } finally {
      store.close();
    }
  });
}

describe('a report', () => {
  it('holds the settings, the best trial, charts and the identity', () =>
    report(plain, (html) => {
      for (const id of ['settings', 'charts', 'best', 'trials', 'identity'])
        expect(html).toContain(`<section id="${id}">`);
      expect(html).toContain('rho=0.3');
      expect(html).toContain('Student&#39;s t');
      expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(3);
      expect(html).toContain('experiment a { }');
      expect(html).toContain('<h3>Parameters</h3>');
    }));

  it('has no script, and nothing to fetch', () =>
    report(malicious, (html) => {
      expect(html).not.toMatch(/<script|<link|<iframe|<object|<base/i);
      const tags = html.match(/<[a-z][^<>]*>/gi) ?? [];
      const names = tags.map((tag) => tag.replaceAll(/"[^"]*"/g, ''));
      expect(names.filter((tag) => /\s(on\w+|srcset|action|formaction)=/i.test(tag))).toEqual([]);
      const sources = tags.flatMap((tag) => tag.match(/^[^"]*(?:"[^"]*"[^"]*)*\s(?:src|href)="([^"]*)"/i)?.[1] ?? []);
      expect(sources.length).toBeGreaterThan(4);
      expect(sources.filter((source) => !/^(data:image\/png;base64,|#)/.test(source))).toEqual([]);
    }));
});

describe('a report of a run', () => {
  const ofRun = (sweep: SampleSweep, use: (html: string) => void) =>
    inFolder(async (folder) => {
      const store = await sweepDatabase(folder, [sweep]);
      try {
        const html = await runReport(store, store.findRun('r1'), { words: builtinWords });
        expect(await runReport(store, store.findRun('r1'), { words: builtinWords })).toBe(html);
        use(html);
      } finally {
        store.close();
      }
    });

  it('holds its curves, what came out, and its identity', () =>
    ofRun(plain, (html) => {
      for (const id of ['curves', 'results', 'identity']) expect(html).toContain(`<section id="${id}">`);
      expect(html).toContain('run r1');
      expect(html.match(/<svg /g)).toHaveLength(1);
      expect(html).toContain('after epoch 2');
      expect(html).toContain('experiment a { }');
    }));

  it('has no table of params where there are none', () => {
    expect(paramsTable([])).toEqual([]);
    expect(paramsTable([{ name: 'hidden', value: 100, origin: 'given' }])).toHaveLength(2);
  });

  it('says what the words mean that its experiment defines and uses', () => {
    const text = `define loss near(e = 0.5 where e > 0) = mean(sqrt((output - target) ** 2 + e ** 2))
      define penalty small(on = code) = mean(abs(on))  define activation bent() = x + sin(x)  define activation unused() = x
      experiment a {
        data digits(take=40)  encoder { code: dense(4, activation=bent) }  decoder { dense(input.size) }
        pretrain autoencoder(loss=near(1)) { epochs = 1 }  loss mse() + small()  train adam() { epochs = 1 }
      }`;
    const source = stringifyRecipe({ ...parseRecipe(plain.source ?? ''), sources: [{ path: 'a.ae', text }] });
    const formulas = [
      'near(e = 0.5 where e &gt; 0) = mean(sqrt((output - target) ** 2 + e ** 2))',
      'small(on = code) = mean(abs(on))',
      'bent() = x + sin(x)',
    ];
    const holds = (html: string) => {
      for (const formula of formulas) expect(html).toContain(`<code>${formula}</code>`);
      expect(html).not.toContain('<code>unused');
    };
    return Promise.all([ofRun({ ...plain, source }, holds), report({ ...plain, source }, holds)]);
  });

  it('has titles below its pictures, no script, and nothing to fetch', () =>
    ofRun(malicious, (html) => {
      expect(html).toMatch(/<figcaption>filters\(.*\) · x&lt;script&gt;.* · r1 · epoch 2 of 2 · seed 1<\/figcaption>/);
      expect(html).not.toMatch(/<script|<link|<iframe|<object|<base/i);
    }));
});

const browser = findBrowser();

describe.skipIf(browser === null)('a report in a real browser (skipped where there is no chromium)', () => {
  it('shows chosen texts as texts, asks for nothing, and logs nothing', () =>
    report(malicious, async (_html, path) => {
      await visit(browser ?? '', path, async (page) => {
        expect(await page.evaluate('document.querySelector("h1").textContent')).toBe(malicious.name);
        expect(
          await page.evaluate('document.body.innerText.includes("<script>globalThis.taken = true</script>")'),
        ).toBe(true);
        expect(await page.evaluate('globalThis.taken')).toBeUndefined();
        expect(await page.evaluate('document.scripts.length')).toBe(0);
        expect(await page.evaluate('[...document.images].every((one) => one.naturalWidth > 0)')).toBe(true);
        expect(await page.evaluate('document.fonts.ready.then(() => document.fonts.check("16px Public Sans"))')).toBe(
          true,
        );
        expect(page.requests.filter((url) => !url.startsWith('data:') && !url.startsWith('file:'))).toEqual([]);
        expect(page.requests.filter((url) => url.startsWith('file:'))).toHaveLength(1);
        expect(page.messages).toEqual([]);
      });
    }));

  it('is dark where the reader prefers it, and fits the window', () =>
    report(plain, async (_html, path) => {
      const paper = 'getComputedStyle(document.body).backgroundColor';
      const light = await visit(browser ?? '', path, (page) => page.evaluate(paper));
      expect(light).toBe('rgb(255, 255, 255)');
      await visit(
        browser ?? '',
        path,
        async (page) => {
          expect(await page.evaluate(paper)).toBe('rgb(22, 24, 28)');
          const ink = 'getComputedStyle(document.querySelector("figure svg text")).fill';
          expect(await page.evaluate(ink)).toBe('rgb(224, 224, 224)');
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        },
        'dark',
      );
    }));
});
