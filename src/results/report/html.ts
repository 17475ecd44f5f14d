/** An element of a page. Texts are plain: only `serializeHtml` escapes. */
export interface HtmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly HtmlNode[];
}

/** Markup inserted unescaped: the output of another serializer, such as an SVG chart, or our own style sheet. */
export interface WrittenMarkup {
  readonly markup: string;
}

export type HtmlNode = string | HtmlElement | WrittenMarkup;

export function html(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly HtmlNode[]
): HtmlElement {
  return { name, attributes, children };
}

export function htmlDocument(root: HtmlElement): string {
  return `<!doctype html>\n${serializeHtml(root)}\n`;
}

/** Escapes texts and attribute values. */
function serializeHtml(node: HtmlNode): string {
  if (typeof node === 'string') return escapeHtml(node);
  if ('markup' in node) return node.markup;
  const { name, attributes, children } = node;
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeHtml(value)}"`);
  const start = `<${name}${written.join('')}>`;
  return withoutEnd.has(name) ? start : `${start}${children.map(serializeHtml).join('')}</${name}>`;
}

const withoutEnd: ReadonlySet<string> = new Set(['meta', 'img', 'br', 'hr', 'link', 'input']);

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, lone surrogates and bidirectional overrides become a replacement character. */
const unprintable =
  /[^\t\n\r\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|[\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

function escapeHtml(text: string): string {
  return text.replace(unprintable, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
