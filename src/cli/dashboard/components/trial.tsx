import { Box } from 'ink';
import type { ReactNode } from 'react';
import { partMetric, partOf, termLabel } from '../../../api/metrics.js';
import { clockText, durationText } from '../../../api/text.js';
import { evaluatingText } from '../../evaluating-text.js';
import { bar, sparkline } from '../drawing/bars.js';
import { cells, type Line, span, truncated } from '../drawing/line.js';
import { signOf } from '../drawing/signs.js';
import { tableLines } from '../drawing/table.js';
import { metricText } from '../state/columns.js';
import { lossTerms, scoreOf } from '../state/metrics.js';
import { parameterText, selectedTrial } from '../state/state.js';
import { epochOf, latest, progressOf, secondsLeft, type Trial } from '../state/trial.js';
import { Layers } from './layers.js';
import { useModel } from './model.js';
import { inside, Pane, ScrollPane, type Size } from './pane.js';
import { fact, inPlace, Remark, Row, Rows, Text } from './text.js';

const nameCells = 14;
/** Characters of an abbreviated hash. */
const shortHash = 12;
const mostReasonRows = 3;
const sparkCells = 24;

/** Everything known about the selected trial. */
export function TrialPane(size: Size) {
  const { state } = useModel();
  const trial = selectedTrial(state);
  if (trial === null) return <Pane {...size} title="trial" />;
  const { width } = inside(size);
  const details = state.details.get(trial.trial);
  const log = [...(details?.log ?? []), ...trial.log.map(({ text }) => text)];
  return (
    <ScrollPane {...size} title={`trial ${trial.trial}`}>
      <Status trial={trial} width={width} />
      <Section title="parameters">
        <Parameters trial={trial} width={width} />
      </Section>
      <Section title="metrics">
        <Rows lines={metricLines(trial, width)} width={width} />
      </Section>
      <Section title="layers">
        <Layers trial={trial} width={width} />
      </Section>
      {log.length > 0 && (
        <Section title="log">
          {inPlace(log, (text) => (
            <Box paddingLeft={1}>
              <Text>{text}</Text>
            </Box>
          ))}
        </Section>
      )}
      <Section title="run">
        <Facts of={details?.facts ?? [{ name: 'identity', value: trial.identity }]} />
      </Section>
      {details === undefined ? (
        <Section>
          <Remark>its run is not stored yet: no environment, no canonical form</Remark>
        </Section>
      ) : (
        <>
          <Section title="environment">
            <Facts of={details.environment} />
          </Section>
          <Section title="experiment, in canonical form">
            <Rows lines={details.ir.map((text) => [span(` ${text}`)])} width={width} />
          </Section>
        </>
      )}
    </ScrollPane>
  );
}

function Section({ title, children }: { readonly title?: string; readonly children: ReactNode }) {
  return (
    <Box flexDirection="column" marginTop={1}>
      {title !== undefined && <Text fg="accent" bold>{` ${title}`}</Text>}
      {children}
    </Box>
  );
}

function Facts({ of }: { readonly of: readonly { readonly name: string; readonly value: string }[] }) {
  return of.map(({ name, value }) => (
    <Box key={name}>
      <Box width={nameCells} flexShrink={0} paddingRight={1}>
        <Text fg="muted">{` ${name}`}</Text>
      </Box>
      <Text>{value}</Text>
    </Box>
  ));
}

function Parameters({ trial, width }: { readonly trial: Trial; readonly width: number }) {
  const varying = new Set(Object.keys(trial.parameters));
  const all =
    useModel().state.details.get(trial.trial)?.parameters ??
    Object.entries(trial.parameters).map(([name, value]) => ({ name, value: parameterText(value), origin: 'given' }));
  const lines = all.map(({ name, value, origin }) => {
    const note = varying.has(name) ? '  varies' : `  ${origin}`;
    const text = span(value, origin === 'given' ? { fg: 'accent', bold: true } : {});
    return fact(` ${name}`, [text, span(note, { fg: 'muted' })], nameCells);
  });
  return <Rows lines={[...lines, fact(' seed', [span(String(trial.seed))], nameCells)]} width={width} />;
}

function Status({ trial, width }: { readonly trial: Trial; readonly width: number }) {
  const { sign, colour } = signOf(trial.state);
  const share = progressOf(trial);
  const status = ` ${sign} ${trial.state}  `;
  const hash = trial.weightsSha256?.slice(0, width < nameCells + 64 ? shortHash : 64);
  return (
    <>
      <Row
        line={[
          span(status, { fg: colour, bold: true }),
          span(stageText(trial, width - cells(status)), { fg: 'muted' }),
        ]}
        width={width}
      />
      {trial.reason !== null && (
        <Box paddingX={1}>
          <Text fg={colour}>{truncated(trial.reason, mostReasonRows * (width - 8))}</Text>
        </Box>
      )}
      {share !== null && (
        <Row
          line={[
            span(' '),
            ...bar(share, Math.max(4, Math.min(30, width - 10)), share >= 1 ? 'good' : 'accent'),
            span(` ${Math.floor(share * 100)}%`),
          ]}
          width={width}
        />
      )}
      {hash && <Row line={fact(' weights', [span(hash)], nameCells)} width={width} />}
    </>
  );
}

/** Drops what does not fit, the speed first. */
function stageText(trial: Trial, room: number): string {
  const epoch = epochOf(trial);
  const left = secondsLeft(trial);
  const isRunning = trial.state === 'running';
  const parts = [
    trial.runId,
    isRunning && progressOf(trial) === 1
      ? trial.evaluating
        ? evaluatingText(trial.evaluating)
        : 'evaluating'
      : trial.stage && epoch
        ? `${trial.stage.stage} epoch ${epoch.epoch}/${epoch.of}`
        : null,
    left === null ? null : `${clockText(left)} left`,
    trial.seconds === null ? null : `in ${durationText(trial.seconds)}`,
    isRunning && trial.stepsPerSecond !== null ? `${Math.round(trial.stepsPerSecond)} steps/s` : null,
  ].filter((part) => part !== null);
  return parts.reduce((text, part) => {
    const longer = text === '' ? part : `${text} · ${part}`;
    return cells(longer) <= room ? longer : text;
  }, '');
}

/** Metrics of the parts of the data, with their history. */
function metricLines(trial: Trial, width: number): readonly Line[] {
  const names = new Set([...trial.epochs.keys(), ...Object.keys(trial.final)].filter((name) => partOf(name) !== null));
  const ofSteps = ['gradient_norm', 'lr'].filter((name) => trial.steps.has(name));
  const series = (name: string) =>
    trial.steps.get(name)?.mean ?? (trial.epochs.get(name) ?? []).map(({ value }) => value);
  const [, ...lines] = tableLines<string>(
    [
      { title: '', side: 'start', draw: (name) => [span(name, { fg: 'muted' })] },
      { title: '', draw: (name) => metricText(latest(trial, name)) },
      {
        title: '',
        side: 'start',
        rank: 1,
        cells: sparkCells,
        draw: (name) => [span(sparkline(series(name), sparkCells), { fg: 'accent' })],
      },
    ],
    [...names, ...ofSteps],
    width,
  );
  return lines;
}

/** A summary of the selected trial, beside the table. */
export function CardPane(size: Size) {
  const { state, objective } = useModel();
  const trial = selectedTrial(state);
  if (trial === null) return <Pane {...size} title="trial" />;
  const { width } = inside(size);
  const value = (metric: string) => [span(metricText(latest(trial, metric)))];
  const score = metricText(scoreOf(trial, objective)) || 'none yet';
  const lines: readonly Line[] = [
    [],
    ...Object.entries(trial.parameters).map(([name, parameter]) =>
      fact(` ${name}`, [span(parameterText(parameter), { fg: 'accent', bold: true })], nameCells),
    ),
    fact(' seed', [span(String(trial.seed))], nameCells),
    [],
    fact(` ${objective.of}`, [span(score, { bold: true }), span(` ${objective.metric}`, { fg: 'muted' })], nameCells),
    ...lossTerms([trial]).map((term) =>
      fact(` ${truncated(termLabel(term), nameCells - 2)}`, value(partMetric('train', term)), nameCells),
    ),
    ...(trial.steps.has('gradient_norm') ? [fact(' gradient', value('gradient_norm'), nameCells)] : []),
    [],
  ];
  return (
    <Pane {...size} title={`trial ${trial.trial}`} note="enter for all">
      <Status trial={trial} width={width} />
      <Rows lines={lines} width={width} />
      <Layers trial={trial} width={width} />
    </Pane>
  );
}
