// Draws each activation and its derivative from the word itself: its values and gradient on the simd backend, whose bits do not
// depend on the machine.
import { grad, mul, tensor1d } from '@tensorflow/tfjs-core';
import { chooseBackend } from '../dist/src/runtime/backend/choose.js';
import { drawAxes, TICK_GAP, TICK_LABEL_HEIGHT } from '../dist/src/runtime/figures/axes.js';
import { exactScale, extentOf, paddedScale } from '../dist/src/runtime/figures/axis-scale.js';
import { seriesHue, toCss } from '../dist/src/runtime/figures/colour.js';
import { layOutLegend, SYMBOL_WIDTH } from '../dist/src/runtime/figures/legend.js';
import { bodyText, measureWidest, writePage } from '../dist/src/runtime/figures/page.js';
import { pathPoint, svgElement } from '../dist/src/runtime/figures/svg.js';
import { operations } from '../dist/src/runtime/lowering/operations.js';

const [width, height, margin] = [380, 220, 12];
const reach = 4;
// None at zero, where some derivatives jump.
const xs = Array.from({ length: 160 }, (_, i) => ((2 * i + 1) / 160 - 1) * reach);

/** @returns the picture of each activation, with its path */
export async function activationPictures(words, pathOf) {
  await chooseBackend('simd');
  const pictures = [];
  for (const word of words.filter(isCurve)) {
    pictures.push({ path: pathOf(word), text: await picture(word) });
  }
  return pictures;
}

async function picture(word) {
  const given = Object.fromEntries(Object.entries(word.parameters).map(([name, one]) => [name, one.default]));
  const { forward } = word.lower(operations);
  // TF.js has no gradient of an input that is its own output, as that of the identity.
  const f = (x) => mul(forward(given, x), 1);
  const x = tensor1d(xs);
  const curves = [
    { label: word.name, values: [...(await f(x).data())] },
    { label: 'derivative', values: [...(await grad(f)(x).data())] },
  ].map((curve, n) => ({
    ...curve,
    line: {
      fill: 'none',
      stroke: toCss(seriesHue(n)),
      'stroke-width': 2,
      ...(n === 1 && { 'stroke-dasharray': '5 4' }),
    },
  }));
  const entries = curves.map(({ label, line }) => ({ label, symbol: (cx, cy) => [segment(line, cx, cy)] }));
  const legend = await layOutLegend(entries, margin, margin / 2, width - 2 * margin);
  const y = paddedScale(extentOf(curves.flatMap(({ values }) => values)), 5);
  const left =
    margin +
    TICK_GAP +
    (await measureWidest(
      y.ticks.map(({ label }) => label),
      bodyText,
    ));
  const top = margin + legend.height;
  const area = { x: left, y: top, width: width - left - margin, height: height - top - TICK_LABEL_HEIGHT - margin / 2 };
  const across = exactScale({ low: -reach, high: reach }, 9);
  const place = (value, i) =>
    pathPoint(
      i === 0 ? 'M' : 'L',
      area.x + across.share(xs[i]) * area.width,
      area.y + (1 - y.share(value)) * area.height,
    );
  const lines = curves.map(({ values, line }) => svgElement('path', { ...line, d: values.map(place).join('') }));
  const title = `${word.name} and its derivative`;
  return `${writePage(width, height, [...legend.elements, ...drawAxes(area, across, y), ...lines], '', title)}\n`;
}

function segment(line, x, y) {
  return svgElement('line', { ...line, x1: x - SYMBOL_WIDTH / 2, x2: x + SYMBOL_WIDTH / 2, y1: y, y2: y });
}

function isCurve({ family, activation, isElementwise }) {
  return family === 'layer' && activation && isElementwise !== false;
}
