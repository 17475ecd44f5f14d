// Measures the engine beside its peers, in one run: npm run bench -- [OPTIONS]
//
//   --rounds N        turns of every competitor (3)
//   --seconds S       of a measurement of steps (3)
//   --epochs N|full   of whole runs (1)
//   --only PART       steps, whole, multiplications, memory, start, busy, pipeline, chain, definitions, dashboard, search; repeatable (all)
//   --seeds N         of each search (60)
//   --workload NAME   repeatable (all)
//   --variant NAME    of PyTorch's step: default, foreach, fused, compile; repeatable (all)
//   --output FOLDER   for results.md and results.json; README.md stays as it is then (benchmarks)
//   --no-setup        installs nothing; what is not there is skipped
//
// Prints the tables, and writes them with README.md's last part. Needs dist/ (npm run build); with AEDSL_DATA, real MNIST.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { images as findImages } from './data.mjs';
import { gigahertz } from './gigahertz.mjs';
import * as measure from './measure.mjs';
import { markdown } from './report.mjs';
import { searchRegrets } from './search/search.mjs';
import { setUp, whatIsThere } from './setup.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '60' },
    only: { type: 'string', multiple: true, default: [] },
    workload: { type: 'string', multiple: true, default: [] },
    variant: { type: 'string', multiple: true, default: ['default', 'foreach', 'fused', 'compile'] },
    output: { type: 'string', default: folder },
    'no-setup': { type: 'boolean', default: false },
  },
});
const log = (text) => process.stderr.write(`${text}\n`);
const part = (name) => given.only.length === 0 || given.only.includes(name);
const [loadBefore] = loadavg();
// Half a gigabyte of peers, for the parts that measure them.
const compares = ['multiplications', 'steps', 'whole', 'memory'].some(part);
const missing = given['no-setup'] ? whatIsThere() : setUp(log, { engines: compares, searches: part('search') });
const images = await findImages();
const options = {
  images,
  rounds: Number(given.rounds),
  seconds: Number(given.seconds),
  epochs: given.epochs === 'full' ? null : Number(given.epochs),
  variants: given.variant,
  wanted: ({ name }) => given.workload.length === 0 || given.workload.includes(name),
};

const measured = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    gigahertz: gigahertz(),
    cores: availableParallelism(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
  },
  images: images.name,
  rounds: options.rounds,
  epochs: options.epochs,
  threads: measure.threadCounts,
  missing,
  load: { before: loadBefore, after: loadBefore },
};
if (part('multiplications')) measured.multiplications = await measure.multiplications(missing, log);
if (part('start')) measured.startUp = await measure.startUp(options, log);
if (part('steps')) measured.steps = await measure.steps(options, missing, log);
if (part('busy')) measured.besideAnother = await measure.besideAnother(options, log);
if (part('pipeline')) measured.pipeline = await measure.inputPipeline(options, log);
if (part('chain')) measured.chain = await measure.hashChain(options, log);
if (part('definitions')) measured.definitions = await measure.definitions(options, log);
if (part('search')) measured.search = await searchRegrets(missing, log, Number(given.seeds));
if (part('dashboard')) measured.dashboard = await measure.dashboard(log);
if (part('whole')) measured.whole = await measure.wholeRuns(options, missing, log);
if (part('memory')) measured.memory = await measure.memory(options, log);
measured.load.after = loadavg()[0];

const text = markdown(measured);
console.log(text);
mkdirSync(given.output, { recursive: true });
const write = (name, content) => writeFileSync(`${given.output}/${name}`, content);
write('results.json', `${JSON.stringify(measured, null, 2)}\n`);
write('results.md', `${text}\n`);
if (given.output === folder && given.only.length === 0 && given.workload.length === 0) writeLast();

/** The last complete run, at the end of benchmarks/README.md. */
function writeLast() {
  const readme = new URL('README.md', import.meta.url);
  const mark = '<!-- last run -->';
  const [before] = readFileSync(readme, 'utf8').split(mark);
  writeFileSync(readme, `${before}${mark}\n\n${text}\n`);
}
