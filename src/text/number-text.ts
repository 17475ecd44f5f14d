/** Formats a number with six significant digits (or `digits`), without float noise or trailing zeros. */
export function numberText(value: number, digits = 6): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}

/** Formats a change with its sign: `+0.012`, `-0.3`, `0`. */
export function signedText(value: number, digits = 6): string {
  return Number.isFinite(value) && value > 0 ? `+${numberText(value, digits)}` : numberText(value, digits);
}

/**
 * Formats a number with four significant digits, trailing zeros included, so that a number updated in place keeps its
 * width.
 */
export function steadyText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : value.toPrecision(4);
}

/** Returns how many decimals are worth printing for values that vary by `spread`: two digits of the spread. */
export function decimalsOf(spread: number, value: number): number {
  const scale = spread > 0 && Number.isFinite(spread) ? spread : Math.abs(value) / 1e4;
  if (!(scale > 0)) return 0;
  const exponent = Number(scale.toExponential().split('e')[1]);
  return Math.min(20, Math.max(0, 1 - exponent));
}

/** `0.0812 ± 0.0013`: the spread with two digits, the mean with as many decimals. */
export function spreadText(mean: number, spread: number): string {
  if (spread === 0) return `${numberText(mean)} ± 0`;
  const decimals = decimalsOf(spread, mean);
  return `${fixed(mean, decimals)} ± ${fixed(spread, decimals)}`;
}

/** `0.0801 … 0.0824` */
export function intervalText({ low, high }: { readonly low: number; readonly high: number }): string {
  if (low === high) return numberText(low);
  const decimals = decimalsOf((high - low) / 4, low);
  return `${fixed(low, decimals)} … ${fixed(high, decimals)}`;
}

/** `2026-11-22 22:40 UTC`, from an ISO 8601 time in UTC. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `62 %`; `< 1 %` for a small share above 0. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.005) return '< 1 %';
  return `${Math.round(share * 100)} %`;
}

/** Falls back to scientific notation where `toFixed` would round everything away. */
function fixed(value: number, decimals: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  return decimals > 8 || magnitude >= 1e12 ? value.toExponential(3) : value.toFixed(decimals);
}

/** `1,234,567`, of a whole number. `toLocaleString` writes the same, and takes 9 ms the first time. */
export function groupedText(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 trial`, `2,000 trials` */
export function countText(n: number, noun: string): string {
  return `${groupedText(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** `802 MiB`, `5.2 GiB` */
export function memoryText(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1000 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
