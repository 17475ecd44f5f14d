import { changeText } from '../../api/diff/change.js';
import { type Explanation, explain as explainRuns, type Part } from '../../api/explain.js';
import { printable } from '../../compiler/diagnostics/printable.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { withResults } from '../results.js';
import { table } from '../table.js';

export interface ExplainOptions {
  readonly db: string;
  readonly json?: boolean;
}

/** Says in which parts of their identity and environment two runs differ. */
export function explain(console: Console, a: string, b: string, options: ExplainOptions): Promise<ExitCode> {
  return withResults(options.db, (store) => {
    const explanation = explainRuns(a, b, store);
    console.out(options.json ? jsonLine({ event: 'explained', ...explanation }) : text(explanation));
    return exitCodes.ok;
  });
}

function text({ runs, sameTrial, identity, environment, changes, sameWeights }: Explanation): string {
  const [a, b] = runs;
  const differing = identity.filter(({ same }) => !same).map(({ name }) => name);
  const lines = [
    sameTrial ? `${a} and ${b} are the same trial\n` : `${a} and ${b} are two trials: other ${differing.join(', ')}\n`,
    weightsText(sameTrial, sameWeights),
    `identity\n${partsTable(identity, runs)}`,
    changes === null ? 'this compiler refuses one of the experiments, so they cannot be compared\n' : '',
    changes !== null && changes.length > 0 ? `experiment\n${changes.map((c) => `  ${changeText(c)}\n`).join('')}` : '',
    `environment (beside the identity; no result depends on it)\n${partsTable(environment, runs)}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function weightsText(sameTrial: boolean, same: boolean | null): string {
  if (same === null) return 'one of them has no weights to compare\n';
  if (same) return 'their weights are the same to the last bit\n';
  return sameTrial ? 'and yet their weights differ: `aedsl diff` says from which step on\n' : '';
}

function partsTable(parts: readonly Part[], [a, b]: Explanation['runs']): string {
  const rows = parts.map(({ name, a: left, b: right, same }) => [`  ${name}`, short(left), same ? '=' : short(right)]);
  return table(['  part', a, b], rows);
}

function short(value: string | null): string {
  return printable((value ?? '-').replace(/[0-9a-f]{40,64}/g, (hash) => hash.slice(0, 12)));
}
