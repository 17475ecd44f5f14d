// The results as Markdown.
import { goals } from './goals.mjs';
import { searchRows } from './search/search.mjs';
import { median, ratio } from './statistics.mjs';

const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3));

const table = (header, rows) =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The tables of a run. */
export function markdown(measured) {
  return [
    `Measured ${measured.date} on ${measured.machine.cpu}, ${measured.machine.cores} cores, ${measured.machine.system}, Node ${measured.machine.node}; images: ${measured.images}.`,
    `Load of the machine before and after: ${measured.load.before.toFixed(1)} and ${measured.load.after.toFixed(1)} processes. ${measured.rounds} round(s); a figure is the median over rounds of medians over steps, a ratio the median over rounds.`,
    versions(measured),
    '## Goals',
    goalTable(measured),
    ...(measured.steps
      ? [
          '## Milliseconds a step',
          stepTable(measured.steps.results),
          'What one step in twenty is below, least disturbed by whatever else the machine did:',
          stepTable(measured.steps.fastest),
        ]
      : []),
    ...(measured.whole ? ['## Whole runs, seconds', wholeText(measured), wholeTable(measured.whole)] : []),
    ...(measured.multiplications ? ['## Multiplication, one thread, GFLOPS', productTable(measured)] : []),
    ...(measured.definitions
      ? [
          '## Words as definitions, milliseconds that one step in twenty is below',
          definitionTable(measured.definitions),
        ]
      : []),
    ...(measured.search
      ? ["## Search: median regrets, ours : Optuna's, and the chance that ours is less", searchTable(measured.search)]
      : []),
    ...(measured.memory ? ['## Peak memory, MB', memoryTable(measured.memory)] : []),
    ...skippedText(measured),
  ].join('\n\n');
}

function versions({ steps, missing }) {
  const names = { pytorch: 'PyTorch', tensorflow: 'TensorFlow (tfjs-node)', wasm: "TF.js's wasm", cpu: "TF.js's cpu" };
  const known = Object.entries(names).flatMap(([peer, name]) => {
    const version = steps?.versions[peer];
    return version && (missing[peer] ?? null) === null ? [`${name} ${version}`] : [];
  });
  return known.length > 0 ? `Compared with ${known.join(', ')}.` : 'Nothing to compare with was there.';
}

function goalTable(measured) {
  const bound = (value, { more, unit }) => (value === null ? '' : `${more ? '≥' : '≤'} ${value}${unit}`);
  const rows = goals(measured, measured.threads).map((goal) => [
    goal.what,
    goal.value === null ? '–' : `**${short(goal.value)}${goal.unit}**`,
    bound(goal.must, goal),
    bound(goal.aim, goal),
    goal.verdict,
  ]);
  return table(['', 'measured', 'must reach', 'aim', ''], rows);
}

function stepTable(results) {
  const kinds = [...new Set(Object.values(results).flatMap((byKey) => Object.keys(byKey).map(kindOf)))];
  const cell = (byKey, kind) => {
    const keys = Object.keys(byKey).filter((key) => kindOf(key) === kind);
    const best = keys.sort((a, b) => median(byKey[a]) - median(byKey[b]))[0];
    if (best === undefined) return '–';
    const [, , variant] = best.split(' ');
    return `${short(median(byKey[best]))}${variant ? ` (${variant})` : ''}`;
  };
  const rows = Object.entries(results).map(([workload, byKey]) => [
    workload,
    ...kinds.map((kind) => cell(byKey, kind)),
  ]);
  return table(['', ...kinds.map((kind) => `${kind} thread${kind.endsWith('1') ? '' : 's'}`)], rows);
}

/** The competitor with its threads, without the variant. */
const kindOf = (key) => key.split(' ').slice(0, 2).join(' ');

function wholeText({ epochs }) {
  return epochs === null
    ? 'From the start of the process to its end, with as many epochs as the experiments say.'
    : `From the start of the process to its end, with ${epochs} epoch(s): starting counts for more than in a full run.`;
}

function wholeTable(whole) {
  const keys = [...new Set(Object.values(whole).flatMap((byKey) => Object.keys(byKey)))];
  const rows = Object.entries(whole).map(([workload, byKey]) => [
    workload,
    ...keys.map((key) => (byKey[key] ? short(median(byKey[key])) : '–')),
  ]);
  const names = keys.map((key) => key.replace(/^pytorch (\d)$/, 'PyTorch as written, $1 thread(s)'));
  return table(['', ...names], rows);
}

function productTable({ multiplications, machine }) {
  const names = Object.keys(multiplications.simd);
  const rows = Object.entries(multiplications).map(([engine, byName]) => [
    engine,
    ...names.map((name) => `${short(byName[name].median)} (best ${short(byName[name].best)})`),
  ]);
  const ghz = machine.gigahertz;
  const limit = `WebAssembly's limit, 128 bits wide and without fused multiply-add: 8 operations a cycle where a core starts two multiplications or additions, 16 where it starts four; at ${ghz.toFixed(1)} GHz (as a chain of integer multiplications runs) ${(8 * ghz).toFixed(0)} and ${(16 * ghz).toFixed(0)} GFLOPS.`;
  return `${table(['', ...names], rows)}\n\n${limit}`;
}

function definitionTable(definitions) {
  const rows = Object.entries(definitions).map(([word, times]) => [
    word,
    short(median(times.word)),
    short(median(times.definition)),
    `${short(ratio(times.definition, times.word))}×`,
  ]);
  return table(['', 'built in', 'as a definition', 'ratio'], rows);
}

function searchTable(found) {
  const { header, rows } = searchRows(found);
  return table(header, rows);
}

function memoryTable(memory) {
  return table(
    ['experiment', 'MB'],
    Object.entries(memory).map(([file, megabytes]) => [file, megabytes.toFixed(0)]),
  );
}

function skippedText({ missing, steps }) {
  const reasons = Object.entries(missing).filter(([, reason]) => reason !== null);
  const failures = Object.entries(steps?.failures ?? {});
  const lines = [...reasons, ...failures].map(([what, reason]) => `- ${what}: ${reason}`);
  return lines.length > 0 ? ['## Not measured', lines.join('\n')] : [];
}
