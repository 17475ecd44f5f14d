// Runs golden cases through the words and the updater that a trial uses, and prints how far each is from PyTorch.
//
//   npm run goldens -- [--backend NAME]… [--at-least N] PATH…
//
// A path is a case folder, a table (activations.json, losses.json, definitions.json, conv-shapes.json), or a folder of
// them. Without --backend every backend that is there is tested. Exits 1 when a case is out of tolerance or uses an
// unsupported word, or when fewer than N have passed on a backend.
// Tolerances were measured with the C library's exp and log, which cpu has too; other backends have their own, and may
// need up to four times as much: a line says where that was so.
// Needs dist/ (npm run build).
import { parseArgs } from 'node:util';
import { backendNames } from '../dist/src/runtime/backend/backend.js';
import { BackendUnavailable, chooseBackend } from '../dist/src/runtime/backend/choose.js';
import { builtinWords } from '../dist/src/words/words.js';
import { describeReport, passed } from '../dist/tests/oracle/golden-report.js';
import { findGoldens, runGolden } from '../dist/tests/oracle/run-goldens.js';

const { values, positionals } = parseArgs({
  options: { backend: { type: 'string', multiple: true }, 'at-least': { type: 'string', default: '0' } },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error('usage: npm run goldens -- [--backend NAME]… [--at-least N] PATH…');
  process.exit(2);
}
const unknown = (values.backend ?? []).filter((name) => !backendNames.includes(name));
if (unknown.length > 0) {
  console.error(`no backend is called ${unknown.join(', ')}; there are ${backendNames.join(', ')}`);
  process.exit(2);
}

const paths = positionals.flatMap((path) => findGoldens(path));
let failed = false;
const summary = [];
for (const name of values.backend ?? backendNames) {
  let backend;
  try {
    backend = await chooseBackend(name);
  } catch (error) {
    if (!(error instanceof BackendUnavailable)) throw error;
    // Asked for by name it must be there; otherwise it is only said.
    failed ||= values.backend !== undefined;
    summary.push(`${name}: not tested (${error.message})`);
    continue;
  }
  console.log(`${backend.name} ${backend.version}`);
  const slack = name === 'cpu' ? 1 : 4;
  const reports = paths.map((path) => {
    const report = runGolden(path, builtinWords);
    console.log(`  ${describeReport(report, slack)}`);
    return report;
  });
  const ok = reports.filter((report) => passed(report, slack)).length;
  failed ||= ok < reports.length || ok < Number(values['at-least']);
  summary.push(`${backend.name}: ${ok} of ${reports.length} passed`);
}
for (const line of summary) console.log(line);
process.exit(failed ? 1 : 0);
