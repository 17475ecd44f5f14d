import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { io, Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsFiles } from '../../src/models/tfjs/files.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { findBrowser, visit } from '../results/report/browser.js';
import { type ExportedPart, exportedCases, exportedParts, randomCases } from './exported-cases.js';

const filesOf = ({ graph }: ExportedPart) => tfjsFiles(graph, { version: '0', properties: { run: 'r1' } });

let parts: readonly ExportedPart[] = [];
beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
  parts = [...exportedCases, ...randomCases].flatMap((each) => exportedParts(each, 'float32'));
  await chooseBackend('cpu');
}, 60_000);

/** As `loadGraphModel` does with files that it downloads. */
async function loaded(part: ExportedPart): Promise<GraphModel> {
  const [model, ...shards] = filesOf(part);
  const json: io.ModelJSON = JSON.parse(String(model?.content));
  const weights = Buffer.concat(shards.map(({ content }) => Buffer.from(content)));
  return loadGraphModel({
    load: () =>
      io.getModelArtifactsForJSON(json, async (manifest) => [
        manifest.flatMap((group) => group.weights),
        new Uint8Array(weights).buffer,
      ]),
  });
}

/** As a share of the largest value, or of 1. */
function deviation({ values: expected }: ExportedPart, values: ArrayLike<number>): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (values[i] ?? Number.NaN))), 0) / largest;
}

it('a model in TF.js gives what aedsl gives, to a millionth of the largest value', { timeout: 60_000 }, async () => {
  const wrong: unknown[] = [];
  for (const part of parts) {
    const model = await loaded(part);
    const { input, condition } = part.graph;
    const output = model.predict({
      [input.name]: tensor(part.given, [part.count, ...input.shape]),
      ...(condition && part.condition
        ? { [condition.name]: tensor(part.condition, [part.count, ...condition.shape]) }
        : {}),
    });
    if (!(output instanceof Tensor)) throw new Error('there is one output');
    const found = deviation(part, output.dataSync());
    if (!(found < 1e-6)) wrong.push([part.name, found]);
    expect(output.shape).toEqual([part.count, ...part.graph.output.shape]);
    model.dispose();
  }
  expect(wrong).toEqual([]);
});

it('weights are cut into shards of 4 MiB, and the model says which run it is', () => {
  const large = parts.find(({ name }) => name === 'deep.ae:deep whole');
  if (!large) throw new Error('there is no deep.ae');
  const [model, ...shards] = filesOf(large);
  const { weightsManifest, userDefinedMetadata, signature } = JSON.parse(String(model?.content));
  expect(shards.length).toBeGreaterThan(1);
  expect(weightsManifest[0].paths).toEqual(shards.map(({ name }) => name));
  expect(shards.slice(0, -1).every(({ content }) => content.length === 4 * 1024 * 1024)).toBe(true);
  expect(userDefinedMetadata).toEqual({ run: 'r1' });
  expect(Object.keys(signature.inputs)).toEqual(['input']);
});

const browser = findBrowser();

/** Serves the files of a model to a page that came from elsewhere. */
function serve(part: ExportedPart): Promise<Server> {
  const files = new Map(filesOf(part).map(({ name, content }) => [`/${name}`, content]));
  const server = createServer(({ url = '' }, response) => {
    const content = files.get(url);
    response.writeHead(content === undefined ? 404 : 200, { 'Access-Control-Allow-Origin': '*' });
    response.end(content);
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

describe.skipIf(browser === null)('a model in a real browser (skipped where there is no chromium)', () => {
  it('is downloaded, and gives what aedsl gives', { timeout: 60_000 }, async () => {
    const part = parts.find(({ name }) => name.startsWith('conv_unpool') && name.endsWith('whole'));
    if (!part) throw new Error('there is no conv_unpool.ae');
    const server = await serve(part);
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const folder = mkdtempSync(join(tmpdir(), 'aedsl-tfjs-'));
    const scripts = [
      'tfjs-core/dist/tf-core',
      'tfjs-backend-cpu/dist/tf-backend-cpu',
      'tfjs-converter/dist/tf-converter',
    ];
    const tags = scripts.map(
      (name) => `<script src="file://${resolve('node_modules/@tensorflow', name)}.min.js"></script>`,
    );
    writeFileSync(join(folder, 'page.html'), `<!doctype html><title>model</title>${tags.join('')}`);
    try {
      const values = await visit(browser ?? '', join(folder, 'page.html'), (page) =>
        page.evaluate(`(async () => {
          const model = await tf.loadGraphModel('http://127.0.0.1:${port}/model.json');
          const input = tf.tensor(${JSON.stringify([...part.given])}, ${JSON.stringify([part.count, ...part.graph.input.shape])});
          return [...model.predict(input).dataSync()];
        })()`),
      );
      if (!Array.isArray(values)) throw new Error('the page gave no values');
      expect(values).toHaveLength(part.values.length);
      expect(deviation(part, values)).toBeLessThan(1e-6);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
