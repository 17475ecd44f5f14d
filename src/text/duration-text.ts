/**
 * Formats seconds: `0.042 s`, `12.3 s`, `3 min 20 s`, `2 h 5 min`. Two digits below a second; a time that was measured
 * is never 0.
 */
export function durationText(seconds: number): string {
  if (seconds <= 0) return '0 s';
  if (seconds < 0.001) return '< 0.001 s';
  // The thresholds leave out what would round up to 1 s or 60 s.
  if (seconds < 0.995) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats a running clock, with a steady width: `0:42`, `12:05`, `3:00:10`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
