/**
 * Regret of this project's searches and of Optuna's, at equal numbers of trials and equal lags: both are asked for point i
 * when they know the results of points 0 … i − lag.
 */
import { mean, median } from '../statistics.mjs';
import { functions } from './functions.mjs';
import { readLandscape } from './landscape.mjs';
import { landscapes } from './landscapes.mjs';
import { ourSearch, regretsOf } from './ours.mjs';
import { Optuna } from './peers.mjs';

const counts = [20, 40, 60];
const contests = [
  ['tpe', 4],
  ['tpe', 1],
  ['cmaes', 4],
  ['cmaes', 1],
];

/** Regrets after `counts` trials for each seed, of every landscape and function, by method and lag. */
export async function searchRegrets(missing, log, seeds) {
  const optuna = missing.optuna === null ? new Optuna() : null;
  const places = [
    ...landscapes.map(({ name, what }) => ({ ...readLandscape(name), what, isRecorded: true })),
    ...functions.map((one) => ({ ...one, isRecorded: false })),
  ];
  const found = [];
  for (const place of places) {
    const { name, what, isRecorded } = place;
    log(`search: ${name}`);
    const regrets = [];
    for (const [method, lag] of contests) {
      const own = await regretsOfAll(ourSearch(method), place, lag, seeds);
      const other = optuna && (await regretsOfAll(optuna.search(method), place, lag, seeds));
      regrets.push({ method, lag, own, other });
    }
    found.push({ name, what, isRecorded, regrets });
  }
  await optuna?.close();
  return found;
}

async function regretsOfAll(begin, place, lag, seeds) {
  const found = [];
  for (let seed = 1; seed <= seeds; seed++) found.push(await regretsOf(begin, place, seed, lag, counts));
  return found;
}

/**
 * Probability that a search of ours has less regret than one of Optuna's, ties counting half (Mann and Whitney's U over the number
 * of pairs), and half of its interval of 95 % (DeLong et al. 1988).
 */
export function chanceOfLess(own, other) {
  const share = (one, others) =>
    others.reduce((sum, value) => sum + (one < value ? 1 : one === value ? 0.5 : 0), 0) / others.length;
  const wins = own.map((one) => share(one, other));
  const losses = other.map((one) => share(one, own));
  return { chance: mean(wins), half: 1.96 * Math.sqrt(variance(wins) / own.length + variance(losses) / other.length) };
}

/** Rows of a table: a landscape after each number of trials, and means over the recorded landscapes and over the functions. */
export function searchRows(found) {
  const header = ['', 'trials', ...contests.map(([method, lag]) => `${method}, lag ${lag}`)];
  const rows = [true, false].flatMap((isRecorded) => {
    const places = found.filter((one) => one.isRecorded === isRecorded);
    const chances = counts.map((_, i) => places.map(({ regrets }) => regrets.map((one) => chanceAfter(one, i))));
    return [
      ...places.flatMap(({ name, what, regrets }) =>
        counts.map((count, i) => [
          i === 0 ? `${name}: ${what}` : '',
          String(count),
          ...regrets.map((one) => `${medians(one, i)}${percent(chanceAfter(one, i))}`),
        ]),
      ),
      ...counts.map((count, i) => [
        i === 0 ? `mean of the ${isRecorded ? 'recorded landscapes' : 'functions'}` : '',
        String(count),
        ...contests.map((_, c) => percent(meanChance(chances[i].map((ofPlace) => ofPlace[c]))).trim()),
      ]),
    ];
  });
  return { header, rows };
}

const after = (regrets, i) => regrets.map((ofSeed) => ofSeed[i] ?? Number.POSITIVE_INFINITY);
const chanceAfter = ({ own, other }, i) => other && chanceOfLess(after(own, i), after(other, i));

function meanChance(chances) {
  if (chances.includes(null)) return null;
  const squares = chances.reduce((sum, { half }) => sum + half ** 2, 0);
  return { chance: mean(chances.map(({ chance }) => chance)), half: Math.sqrt(squares) / chances.length };
}

function medians({ own, other }, i) {
  return [own, other].flatMap((regrets) => (regrets === null ? [] : shortMedian(after(regrets, i)))).join(' : ');
}

function percent(found) {
  return found === null ? '' : ` (${(100 * found.chance).toFixed(0)} ± ${(100 * found.half).toFixed(0)} %)`;
}

function shortMedian(values) {
  const value = median(values);
  return value >= 100 ? value.toFixed(0) : value < 1e-12 ? '0' : value.toPrecision(3);
}

function variance(values) {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
