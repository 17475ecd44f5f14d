// The determinism matrix: the same training, and the same numbers, everywhere.
//
//   npm run test:matrix -- [--write] [--only COLUMN]… [NAME…]
//
// Every column is another way to compute what hashes.json names: numbers of threads, versions of Node from npm, an arm64
// processor under qemu, the command line, a sweep with one and two jobs, and a trial that is interrupted and resumed. The
// table says `=` where a hash is the committed one. Exits 1 where one is not. What this machine lacks is printed as skipped
// with the reason, and fails nothing.
//
// --write takes over the hashes of the first column as the committed ones: for a new case, or a new version of the numerics.
// Needs dist/ (npm run build). Nodes are kept in .aedsl/nodes, which git ignores.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { columns } from './columns.mjs';

const file = new URL('hashes.json', import.meta.url);
const { values: options, positionals: names } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
});
const committed = JSON.parse(readFileSync(file, 'utf8'));
const known = {
  ...committed.values,
  ...Object.fromEntries(Object.entries(committed.trials).map(([k, t]) => [k, t.sha256])),
};
const unknown = names.filter((name) => !(name in known));
if (unknown.length > 0) {
  console.error(`hashes.json does not name ${unknown.join(', ')}; it has ${Object.keys(known).join(', ')}`);
  process.exit(2);
}

const rows = Object.keys(known).filter((name) => names.length === 0 || names.includes(name));
const chosen = columns(committed).filter(({ title }) => options.only.length === 0 || options.only.includes(title));
if (chosen.length === 0) {
  console.error(
    `there is no such column; there are ${columns(committed)
      .map(({ title }) => `'${title}'`)
      .join(', ')}`,
  );
  process.exit(2);
}

const measured = [];
for (const column of options.write ? chosen.slice(0, 1) : chosen) {
  process.stderr.write(`${column.title} …\n`);
  const began = performance.now();
  const outcome = await outcomeOf(column);
  measured.push({ title: column.title, seconds: (performance.now() - began) / 1000, ...outcome });
}

if (options.write) {
  const [{ hashes, skipped, failed }] = measured;
  if (hashes === undefined) throw new Error(skipped ?? failed);
  for (const name of Object.keys(committed.values)) committed.values[name] = hashes.get(name) ?? committed.values[name];
  for (const [name, trial] of Object.entries(committed.trials)) trial.sha256 = hashes.get(name) ?? trial.sha256;
  writeFileSync(file, `${JSON.stringify(committed, null, 2)}\n`);
  console.log(`wrote ${rows.length} hashes of '${measured[0].title}'`);
  process.exit(0);
}

const differing = measured.flatMap(({ title, hashes }) =>
  rows.flatMap((name) => {
    const hash = hashes?.get(name);
    return hash === undefined || hash === known[name] ? [] : [{ title, name, hash }];
  }),
);
printTable();
for (const { title, name, hash } of differing) {
  console.log(`differs: ${name}, ${title}: ${hash}, committed ${known[name] || '(nothing)'}`);
}
for (const { title, failed } of measured) if (failed !== undefined) console.log(`failed: ${title}: ${failed}`);
for (const { title, skipped } of measured) if (skipped !== undefined) console.log(`skipped: ${title}: ${skipped}`);
for (const { title, missing } of measured) {
  for (const [name, reason] of missing ?? [])
    if (rows.includes(name)) console.log(`skipped: ${name}, ${title}: ${reason}`);
}
const compared = measured.reduce((n, { hashes }) => n + rows.filter((name) => hashes?.has(name)).length, 0);
const equal = compared - differing.length;
console.log(
  `${equal} of ${compared} hashes are the committed ones, in ${measured.filter(({ hashes }) => hashes).length} columns`,
);
const broken = measured.some(({ failed }) => failed !== undefined);
process.exit(differing.length > 0 || broken || compared === 0 ? 1 : 0);

/** A column that breaks is a failure of its own, and the others are still measured. */
async function outcomeOf(column) {
  try {
    return await column.measure(rows);
  } catch (error) {
    return { failed: error.message };
  }
}

/** Rows are what was computed, columns where and how. */
function printTable() {
  const header = ['', 'committed', ...measured.map(({ title }) => title)];
  const cell = (name, { hashes }) => {
    const hash = hashes?.get(name);
    return hash === undefined ? '·' : hash === known[name] ? '=' : hash.slice(0, 8);
  };
  const body = rows.map((name) => [name, known[name].slice(0, 8), ...measured.map((column) => cell(name, column))]);
  const seconds = ['seconds', '', ...measured.map(({ seconds, hashes }) => (hashes ? seconds.toFixed(0) : ''))];
  const lines = [header, ...body, seconds];
  const widths = header.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  for (const line of lines)
    console.log(
      line
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
}
