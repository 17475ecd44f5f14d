import { type HtmlElement, type HtmlNode, html } from './html.js';

export interface ReportColumn<Row> {
  readonly heading: string;
  /** Right-aligned. */
  readonly number: boolean;
  readonly cell: (row: Row) => HtmlNode;
}

export function reportTable<Row>(
  columns: readonly ReportColumn<Row>[],
  rows: readonly Row[],
  isBest: (row: Row) => boolean = () => false,
): HtmlElement {
  const attributes = ({ number }: ReportColumn<Row>): Record<string, string> => (number ? { class: 'number' } : {});
  const head = columns.map((column) => html('th', { scope: 'col', ...attributes(column) }, column.heading));
  const body = rows.map((row) =>
    html(
      'tr',
      isBest(row) ? { class: 'best' } : {},
      ...columns.map((column) => html('td', attributes(column), column.cell(row))),
    ),
  );
  const table = html('table', {}, html('thead', {}, html('tr', {}, ...head)), html('tbody', {}, ...body));
  return html('div', { class: 'scroll' }, table);
}

/** A table of names and values. */
export function factsTable(facts: readonly (readonly [name: string, value: HtmlNode])[]): HtmlElement {
  const rows = facts.map(([name, value]) => html('tr', {}, html('th', { scope: 'row' }, name), html('td', {}, value)));
  return html('div', { class: 'scroll' }, html('table', {}, html('tbody', {}, ...rows)));
}

export function code(text: string): HtmlElement {
  return html('code', {}, text);
}
