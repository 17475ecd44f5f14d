import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lines } from './command.js';
import { aedsl } from './recorded-console.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = readdirSync('experiments').flatMap((name) => (name.endsWith('.ae') ? [name.slice(0, -3)] : []));

describe('aedsl examples', () => {
  it('lists every experiment with what it is', async () => {
    const { out } = await aedsl('examples');
    for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} +\\S.*\\w{3}`, 'm'));
    const listed = lines((await aedsl('examples', '--json')).out);
    expect(listed.map(({ name }) => name)).toEqual([...names].sort());
    for (const { about, data } of listed) {
      expect(about).toMatch(/^[A-Z].*\.$/);
      expect(data).toMatch(/^(mnist|fashion_mnist|digits|csv)$/);
    }
    expect(listed.find(({ name }) => name === 'vae')?.about).toBe('Variational autoencoder (Kingma & Welling 2013).');
  });

  it('copies each with all that it reads, so that it is right where it is', async () => {
    for (const name of names) {
      const to = join(folder, name);
      expect(await aedsl('examples', name, '--to', to)).toMatchObject({ code: 0, err: '' });
      expect(await aedsl('check', join(to, `${name}.ae`))).toMatchObject({ code: 0, err: '' });
    }
    expect(readdirSync(join(folder, 'masking')).sort()).toEqual(['denoising.ae', 'masking.ae']);
    expect(existsSync(join(folder, 'table', 'data', 'leaves.csv'))).toBe(true);
  });

  it('replaces nothing, and copies nothing of what it cannot copy whole', async () => {
    const to = join(folder, 'own');
    await aedsl('examples', 'denoising', '--to', to);
    expect((await aedsl('examples', 'masking', '--to', to)).out).toMatch(/denoising\.ae \(was there\)\n/);
    writeFileSync(join(to, 'denoising.ae'), '// mine');
    rmSync(join(to, 'masking.ae'));
    const { code, err } = await aedsl('examples', 'vae', 'masking', '--to', to);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining('is there, and is another file; nothing was copied'),
    });
    expect(readdirSync(to)).toEqual(['denoising.ae']);
    expect(readFileSync(join(to, 'denoising.ae'), 'utf8')).toBe('// mine');
  });

  it.each([
    [['vea'], "did you mean 'vae'?"],
    [['../package'], 'one of anomaly, charbonnier, classic, '],
    [['vae', '--json'], '--json is for the list'],
    [['--to', 'x'], '--to is for experiments that are named'],
    [['vae', '--to', ''], '--to is empty'],
  ])('refuses %s', async (words, message) => {
    const { code, out, err } = await aedsl('examples', ...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});
