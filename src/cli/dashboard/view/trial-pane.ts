import { termLabel } from '../../../metrics/definitions.js';
import { partMetric, partOf } from '../../../metrics/metric-name.js';
import { largest } from '../../../numerics/extremes.js';
import { clockText, durationText } from '../../../text/duration-text.js';
import { evaluatingText } from '../../evaluating-text.js';
import type { Rect } from '../layout.js';
import { metricText } from '../state/columns.js';
import { lossTerms, scoreOf } from '../state/metrics.js';
import { type DashboardState, parameterText, selectedTrial } from '../state/state.js';
import { epochOf, latest, progressOf, secondsLeft, type Trial } from '../state/trial.js';
import { bar, sparkline } from './bars.js';
import { boxed, fact, heading, inside } from './box.js';
import { layersText } from './layers-pane.js';
import { aligned, cells, type Line, span, truncated, wrapped } from './line.js';
import type { Model } from './model.js';
import { scrolledTo } from './scroll.js';
import { signOf } from './signs.js';

const nameCells = 14;
/** Characters of a hash where there is no room for all of it. */
const shortHash = 12;
const mostReasonRows = 3;

/** All that is known of the selected trial. */
export function trialPane(model: Model, rect: Rect): readonly Line[] {
  const trial = selectedTrial(model.state);
  const { width, height } = inside(rect);
  const { shown, note } = scrolledTo(trialText(model.state, width), model.state.ui.scroll, height);
  return boxed(rect, heading(trial === null ? 'trial' : `trial ${trial.trial}`), note, shown);
}

/** The whole text, which can be longer than the pane. */
export function trialText(state: DashboardState, width: number): readonly Line[] {
  const trial = selectedTrial(state);
  if (trial === null) return [];
  const details = state.details.get(trial.trial);
  const given = new Set(Object.keys(trial.parameters));
  const parameters: readonly Line[] =
    details === undefined
      ? Object.entries(trial.parameters).map(([name, one]) =>
          fact(` ${name}`, [span(parameterText(one), { fg: 'accent' }), span('  varies', { fg: 'muted' })], nameCells),
        )
      : details.parameters.map(({ name, value: text, origin }) =>
          fact(
            ` ${name}`,
            [
              span(text, origin === 'given' ? { fg: 'accent', bold: true } : {}),
              span(given.has(name) ? '  varies' : origin === 'given' ? '  given' : '  default', { fg: 'muted' }),
            ],
            nameCells,
          ),
        );
  const facts = (list: readonly { readonly name: string; readonly value: string }[]) =>
    list.flatMap(({ name, value }) => wrapped(fact(` ${name} `, [span(value)], nameCells), width, nameCells));
  return [
    ...statusLines(trial, width),
    ...section('parameters', [...parameters, fact(' seed', [span(String(trial.seed))], nameCells)]),
    ...section('metrics', metricLines(trial, width)),
    ...section('layers', layersText(state, width)),
    ...section('log', [
      ...[...(details?.log ?? []), ...trial.log.map(({ text }) => text)].flatMap((text) =>
        wrapped([span(` ${text}`)], width, 3),
      ),
    ]),
    ...section('run', facts(details?.facts ?? [{ name: 'identity', value: trial.identity }])),
    ...section('environment', facts(details?.environment ?? [])),
    ...section(
      'experiment, in canonical form',
      (details?.ir ?? []).map((text): Line => [span(truncated(` ${text}`, width))]),
    ),
    ...(details === undefined
      ? [[span(' its run is not stored yet: no environment, no canonical form', { fg: 'muted' })]]
      : []),
  ];
}

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [[], [span(` ${title}`, { fg: 'accent', bold: true })], ...lines];
}

/** State, progress, time. */
export function statusLines(trial: Trial, width: number): readonly Line[] {
  const { sign, colour } = signOf(trial.state);
  const epoch = epochOf(trial);
  const left = secondsLeft(trial);
  const share = progressOf(trial);
  const stage = trial.stage;
  const speed =
    trial.state === 'running' && trial.stepsPerSecond !== null ? `${Math.round(trial.stepsPerSecond)} steps/s` : null;
  // What there is no room for is left out, the speed first.
  const parts = [
    trial.runId,
    trial.state === 'running' && share === 1
      ? trial.evaluating
        ? evaluatingText(trial.evaluating)
        : 'evaluating'
      : stage && epoch
        ? `${stage.stage} epoch ${epoch.epoch}/${epoch.of}`
        : null,
    left === null ? null : `${clockText(left)} left`,
    trial.seconds === null ? null : `in ${durationText(trial.seconds)}`,
    speed,
  ].filter((part) => part !== null);
  const status = ` ${sign} ${trial.state}  `;
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text} · ${part}`;
    if (cells(status) + cells(longer) <= width) text = longer;
  }
  return [
    [span(status, { fg: colour, bold: true }), span(text, { fg: 'muted' })],
    ...(trial.reason === null
      ? []
      : wrapped([span(` ${trial.reason}`, { fg: colour })], width, 1).slice(0, mostReasonRows)),
    ...(share === null
      ? []
      : [
          [
            span(' '),
            ...bar(share, Math.max(4, Math.min(30, width - 10)), share >= 1 ? 'good' : 'accent'),
            span(` ${Math.floor(share * 100)}%`),
          ],
        ]),
    ...(!trial.weightsSha256
      ? []
      : [fact(' weights', [span(trial.weightsSha256.slice(0, width < nameCells + 64 ? shortHash : 64))], nameCells)]),
  ];
}

/** Metrics of parts of the data, with what they did. */
export function metricLines(trial: Trial, width: number): readonly Line[] {
  const names = new Set([...trial.epochs.keys(), ...Object.keys(trial.final)].filter((name) => partOf(name) !== null));
  const ofSteps = ['gradient_norm', 'lr'].filter((name) => trial.steps.has(name));
  const longest = largest(
    [...names].map(({ length }) => length),
    10,
  );
  return [...names, ...ofSteps].map((name) => {
    const series = trial.steps.get(name)?.mean ?? (trial.epochs.get(name) ?? []).map(({ value }) => value);
    return [
      span(` ${aligned(name, Math.min(longest, width - 14), 'start')} `, { fg: 'muted' }),
      span(aligned(metricText(latest(trial, name)), 10, 'end')),
      span(`  ${sparkline(series, Math.max(0, Math.min(24, width - longest - 16)))}`, { fg: 'accent' }),
    ];
  });
}

/** The selected trial in short, beside the table. */
export function cardPane(model: Model, rect: Rect): readonly Line[] {
  const { state, objective } = model;
  const trial = selectedTrial(state);
  const { width } = inside(rect);
  if (trial === null) return boxed(rect, heading('trial'), [], []);
  const score = scoreOf(trial, objective);
  const terms = lossTerms([trial]);
  const lines: readonly Line[] = [
    ...statusLines(trial, width),
    [],
    ...Object.entries(trial.parameters).map(([name, value]) =>
      fact(` ${name}`, [span(parameterText(value), { fg: 'accent', bold: true })], nameCells),
    ),
    fact(' seed', [span(String(trial.seed))], nameCells),
    [],
    fact(
      ` ${objective.of}`,
      [span(metricText(score) || 'none yet', { bold: true }), span(` ${objective.metric}`, { fg: 'muted' })],
      nameCells,
    ),
    ...terms.map((term) =>
      fact(
        ` ${truncated(termLabel(term), nameCells - 2)}`,
        [span(metricText(latest(trial, partMetric('train', term))))],
        nameCells,
      ),
    ),
    ...(trial.steps.has('gradient_norm')
      ? [fact(' gradient', [span(metricText(latest(trial, 'gradient_norm')))], nameCells)]
      : []),
    [],
    ...layersText(state, width),
  ];
  return boxed(rect, heading(`trial ${trial.trial}`), [span('enter for all', { fg: 'muted' })], lines);
}
