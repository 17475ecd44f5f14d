// node prof.mjs DIST EXPERIMENT STEPS THREADS : cpu and wall time of a step
import { pathToFileURL } from 'node:url';
const [, , dist, name, steps, threads = '1', data] = process.argv;
const { readSourceFile, run } = await import(pathToFileURL(`${dist}/src/index.js`));
const src = readSourceFile(process.env.SRC ?? 'tests/matrix/shortened.ae');
const marks = [];
const mark = () => marks.push([performance.now(), process.cpuUsage()]);
const go = async (n) => { const before = marks.length; const r = await run({ source: src, experiment: name, data: data ?? null, maxSteps: n, seed: 1, threads: Number(threads), backend: 'simd', store: null, listener: e => { if (e.event === 'stage_started' || e.event === 'epoch') mark(); } }); r.model?.dispose();
  const stages = []; for (let i = before; i + 1 < marks.length; i += 2) stages.push([marks[i+1][0] - marks[i][0], (marks[i+1][1].user + marks[i+1][1].system - marks[i][1].user - marks[i][1].system) / 1000]); return stages; };
const few = Number(steps) / 4 | 0;
const a = await go(few), b = await go(Number(steps));
b.forEach(([w, c], i) => console.log(name, 'stage', i, 'wall', ((w - a[i][0]) / (steps - few)).toFixed(3), 'cpu', ((c - a[i][1]) / (steps - few)).toFixed(3), 'ms/step'));
