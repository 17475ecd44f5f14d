import { readSourceFile, run } from './dist/src/index.js';
import { SimdBackend } from './dist/src/runtime/backend/simd/simd-backend.js';
const src = readSourceFile('tests/matrix/shortened.ae');
const go = async () => { const out = []; const r = await run({ source: src, experiment: process.argv[2], data: process.argv[3] ?? 'digits(take=256, test=1)', maxSteps: 20, seed: 1, threads: 1, backend: 'simd', store: null, listener: e => { if (e.event === 'steps') out.push(...Array.from(e.series.loss).map((l, i) => [l, e.series.gradient_norm?.[i]].join(' '))); } }); r.model?.dispose(); return [...out]; };
const a = await go();
Object.defineProperty(SimdBackend.prototype, 'records', { get: () => false });
const b = await go();
a.forEach((x, i) => console.log(i + 1, x, b[i], x === b[i]));
