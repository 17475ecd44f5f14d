/** Regret of this project's searches and of Optuna's on recorded landscapes, at equal numbers of trials. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { searchPython } from '../setup.mjs';
import { landscapes } from './landscapes.mjs';
import { ourRegrets } from './ours.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const counts = [20, 40, 60];
const ours = [
  ['tpe', 4],
  ['tpe', 1],
  ['cmaes', 4],
  ['cmaes', 1],
];

/** Median regrets over the seeds, by landscape, method and number of trials. */
export function searchRegrets(missing, log, seeds = 20) {
  const names = landscapes.map(({ name }) => name);
  const peers = missing.optuna === null ? peerRegrets(names, log, seeds) : {};
  return landscapes.map(({ name, what }) => {
    log(`search: ${name}`);
    const own = ours.map(([method, lag]) => [
      `${method}, lag ${lag}`,
      medians(
        ourRegrets(
          name,
          method,
          lag,
          Array.from({ length: seeds }, (_, i) => i + 1),
          counts,
        ),
      ),
    ]);
    const others = Object.entries(peers[name] ?? {}).map(([method, found]) => [`Optuna ${method}`, medians(found)]);
    return { name, what, regrets: Object.fromEntries([...own, ...others]) };
  });
}

function peerRegrets(names, log, seeds) {
  log("search: Optuna's samplers");
  const args = [here('peers.py'), here('recorded'), names.join(','), String(seeds), ...counts.map(String)];
  const { status, stdout, stderr } = spawnSync(searchPython, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`peers.py: ${stderr}`);
  return JSON.parse(stdout);
}

/** For each count of trials; null for a search that found nothing that trains. */
function medians(found) {
  return counts.map((_, i) => {
    const sorted = found.map((regrets) => regrets[i] ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    return (sorted[(sorted.length >> 1) - 1] + sorted[sorted.length >> 1]) / 2;
  });
}

/** Rows of a table: a landscape after each number of trials. */
export function searchRows(found) {
  const columns = [...new Set(found.flatMap(({ regrets }) => Object.keys(regrets)))];
  const text = (value) => (value === undefined ? '–' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  return {
    header: ['landscape', 'trials', ...columns],
    rows: found.flatMap(({ name, what, regrets }) =>
      counts.map((count, i) => [
        i === 0 ? `${name}: ${what}` : '',
        String(count),
        ...columns.map((column) => text(regrets[column]?.[i])),
      ]),
    ),
  };
}
