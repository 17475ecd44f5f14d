/**
 * Elementary functions in fixed point on integers of arbitrary size: an oracle that shares neither code nor method with
 * the functions it checks. A value v is represented by the integer v * 2^PRECISION.
 */
export const PRECISION = 400n;
const ONE = 1n << PRECISION;

/** The exact representation of a double of magnitude above 2^-300. */
export function fixed(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponentField = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentField === 0n ? fraction : fraction | 0x10000000000000n;
  const shift = (exponentField === 0n ? 1n : exponentField) - 1075n + PRECISION;
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return bits >> 63n === 0n ? magnitude : -magnitude;
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> PRECISION;
const over = (a: bigint, b: bigint): bigint => (a << PRECISION) / b;

/** e^x: Taylor series of x / 2^32, squared 32 times. For |x| below 100. */
export function fixedExp(x: bigint): bigint {
  const guard = 80n;
  const one = 1n << (PRECISION + guard);
  const small = (x << guard) >> 32n;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * small) >> (PRECISION + guard)) / n;
    sum += term;
  }
  for (let i = 0; i < 32; i++) sum = (sum * sum) >> (PRECISION + guard);
  return sum >> guard;
}

/** ln x for x between 1e-40 and 1e40, by Newton's method on `fixedExp`. */
export function fixedLog(x: bigint): bigint {
  const bits = x.toString(2).length - 1 - Number(PRECISION);
  let y = fixed(bits * Math.LN2);
  for (let i = 0; i < 9; i++) {
    const e = fixedExp(y);
    y += 2n * over(x - e, x + e);
  }
  return y;
}

export function fixedTanh(x: bigint): bigint {
  const e = fixedExp(2n * x);
  return over(e - ONE, e + ONE);
}

/** π by Størmer's formula, 24 arctan(1/8) + 8 arctan(1/57) + 4 arctan(1/239), to `bits` bits. */
export function pi(bits: bigint): bigint {
  const one = 1n << (bits + 20n);
  const arctan = (n: bigint): bigint => {
    let sum = 0n;
    let power = one / n;
    for (let k = 1n; power !== 0n; k += 4n) {
      sum += power / k;
      power /= n * n;
      sum -= power / (k + 2n);
      power /= n * n;
    }
    return sum;
  };
  return (24n * arctan(8n) + 8n * arctan(57n) + 4n * arctan(239n)) >> 20n;
}

/** sin x by its Taylor series, x reduced modulo 2π; for any finite double. */
export function fixedSin(x: number, quarterTurns: 0n | 1n): bigint {
  const wide = 1300n;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const mantissa = (bits & 0xfffffffffffffn) | 0x10000000000000n;
  const shift = ((bits >> 52n) & 0x7ffn) - 1075n + wide;
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  const circle = 2n * pi(wide + 1100n);
  const turned = (magnitude << 1100n) % circle;
  const signed = x < 0 ? -turned : turned;
  const angle = (signed + (quarterTurns * circle) / 4n) >> (wide + 1100n - PRECISION);
  let term = angle;
  let sum = angle;
  for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -(times(times(term, angle), angle) / (n * (n + 1n)));
    sum += term;
  }
  return sum;
}

/** The distance between a double and a fixed-point value, in units of the last place of the double. */
export function unitsInTheLastPlace(got: number, exact: bigint): number {
  const difference = fixed(got) - exact;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, got);
  const exponentField = (view.getBigUint64(0) >> 52n) & 0x7ffn;
  const unit = 1n << (exponentField - 1075n + PRECISION);
  const magnitude = difference < 0n ? -difference : difference;
  return Number((magnitude * 100000n) / unit) / 100000;
}
