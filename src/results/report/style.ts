/** The report's style sheet: light and dark by the reader's preference, and for print. */
export function styleSheet(fonts: string): string {
  return `${fonts}${rules}`;
}

const rules = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1f1f1f; --soft: #5c5c5c; --line: #dcdcdc; --panel: #f5f6f8; --mark: #e6f1fa;
  --chart-ink: #262626; --chart-axis: #8c8c8c; --chart-grid: #e2e2e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --ink: #e8e8e8; --soft: #a5a9b0; --line: #343840; --panel: #1f2228; --mark: #1c3346;
    --chart-ink: #e0e0e0; --chart-axis: #8a8f98; --chart-grid: #30343b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 'Public Sans', 'Segoe UI', system-ui, Helvetica, Arial, sans-serif;
}
h1 { font-size: 1.7rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; padding-top: .6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0; }
.soft, figcaption { color: var(--soft); }
nav a { margin-right: 1rem; color: inherit; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.4rem 0 0; }
.card { background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; min-width: 0; }
.card dt { color: var(--soft); font-size: .85rem; }
.card dd { margin: .1rem 0 0; font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.card dd small { display: block; font-size: .85rem; font-weight: 400; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: auto; min-width: 50%; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: .85rem; }
.number { text-align: right; white-space: nowrap; }
td { overflow-wrap: anywhere; }
tr.best td { background: var(--mark); }
figure { margin: 1rem 0 1.6rem; }
figure svg { display: block; width: 100%; height: auto; font-family: inherit; }
figure img { max-width: 100%; image-rendering: auto; background: #fff; border: 1px solid var(--line); border-radius: .3rem; }
figcaption { font-size: .9rem; margin-top: .3rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: start; }
.pictures figure { margin: 0; max-width: 100%; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: .85rem; }
td code, p code { overflow-wrap: anywhere; }
pre { background: var(--panel); padding: 1rem; border-radius: .5rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
@media print {
  :root {
    color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --panel: #f3f3f3; --mark: #e6f1fa;
    --chart-ink: #000; --chart-axis: #777; --chart-grid: #ddd;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, .card { break-inside: avoid; }
  tr.best td, .card, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
