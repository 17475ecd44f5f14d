// Prints how far golden cases are from float64, here and in PyTorch's float32: node tools/accuracy.mjs [--backend NAME] [PATH…]
//
// Deviations are relative, the largest over all loss terms and steps of a case, or over the gradients' norms of its first
// step. PyTorch's are those that are stored with the case. Needs dist/ (npm run build).
import { parseArgs } from 'node:util';
import { chooseBackend } from '../dist/src/runtime/backend/choose.js';
import { builtinWords } from '../dist/src/words/words.js';
import { accuracyOf } from '../dist/tests/oracle/accuracy.js';
import { findGoldens } from '../dist/tests/oracle/run-goldens.js';

const { values, positionals } = parseArgs({
  options: { backend: { type: 'string', default: 'auto' } },
  allowPositionals: true,
});
const { name, version } = await chooseBackend(values.backend);
const paths = (positionals.length > 0 ? positionals : ['tests/goldens']).flatMap((path) => findGoldens(path));
const measured = paths.filter((path) => !path.endsWith('.json')).flatMap((path) => accuracyOf(path, builtinWords));

console.log(`deviation from float64: ${name} ${version}, PyTorch's float32, and how many times its`);
for (const { name: golden, measure, deviation, pytorch } of measured) {
  const ratio = (deviation / pytorch).toFixed(2);
  console.log(
    `${golden.padEnd(24)}${measure.padEnd(15)}${deviation.toExponential(1)}  ${pytorch.toExponential(1)}  ${ratio}`,
  );
}
const ratios = measured.map(({ deviation, pytorch }) => deviation / pytorch).sort((a, b) => a - b);
console.log(`median ${ratios[ratios.length >> 1].toFixed(2)}, largest ${ratios.at(-1).toFixed(2)}`);
