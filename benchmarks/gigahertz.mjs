// The clock rate of the core, which virtual machines don't tell.

/** Cycles of an integer multiplication, on every x64 and arm64 core of the last ten years. */
const latency = 3;

/** From the fastest of some chains of multiplications, each waiting for the one before. */
export function gigahertz() {
  const count = 300_000;
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 500; i++) {
    const began = performance.now();
    chain(count, 1664525 + 2 * i);
    fastest = Math.min(fastest, performance.now() - began);
  }
  return (latency * count) / fastest / 1e6;
}

function chain(count, factor) {
  let x = 1;
  for (let i = 0; i < count; i++) x = Math.imul(x, factor);
  return x;
}
