// Prints the last line of a CI run, `N passed, N failed`, from vitest's JSON report and from what checks of their own said last:
// `slurm: passed`, `slurm: not tested: <reason>`, or anything else for a failure.
import { readFileSync } from 'node:fs';

const [path, ...checks] = process.argv.slice(2);
let report;
try {
  report = JSON.parse(readFileSync(path, 'utf8'));
} catch {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const suites = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
const said = (pattern) => checks.filter((check) => pattern.test(check)).length;
const [well, untested] = [said(/^\w+: passed$/), said(/^\w+: not tested: ./)];
const passed = report.numPassedTests + well;
const failed = report.numFailedTests + suites.length + checks.length - well - untested;
const skipped = report.numPendingTests + report.numTodoTests + untested;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 && report.numPassedTests > 0 ? 0 : 1);
