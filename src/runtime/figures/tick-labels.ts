export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** A value to label, which differs from its neighbours by about 10^precision. */
export interface UnlabelledTick {
  readonly value: number;
  readonly precision: number;
}

/** Extra characters that plain decimals may take before scientific notation (2e−5) is used. */
const MORE_CHARACTERS = 2;
/** Most digits that `toFixed` and `toExponential` support everywhere. */
const MOST_DIGITS = 20;

/** Labels all ticks of an axis in one notation: plain decimals, or scientific if that is much shorter. */
export function labelTicks(ticks: readonly UnlabelledTick[]): readonly Tick[] {
  const plain = ticks.map(plainLabel);
  const scientific = ticks.map(scientificLabel);
  const labels = longest(plain) <= longest(scientific) + MORE_CHARACTERS ? plain : scientific;
  return ticks.map(({ value }, i) => ({ value, label: (labels[i] ?? '').replaceAll('-', '−') }));
}

function longest(labels: readonly string[]): number {
  return Math.max(0, ...labels.map(({ length }) => length));
}

function plainLabel({ value, precision }: UnlabelledTick): string {
  if (value === 0) return '0';
  return -precision > MOST_DIGITS ? scientificLabel({ value, precision }) : value.toFixed(Math.max(0, -precision));
}

function scientificLabel({ value, precision }: UnlabelledTick): string {
  if (value === 0) return '0';
  const digits = Math.max(0, decimalExponent(value) - precision);
  return value.toExponential(Math.min(MOST_DIGITS, digits)).replace(/\.?0*e\+?/, 'e');
}

/** The exponent n of value = m 10^n, 1 <= |m| < 10. */
function decimalExponent(value: number): number {
  const text = value.toExponential();
  return Number(text.slice(text.indexOf('e') + 1));
}
