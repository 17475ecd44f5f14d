/** An element of an SVG document. All strings are plain text: only `serializeSvg` escapes. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (SvgElement | string)[];
}

export function svgElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (SvgElement | string)[]
): SvgElement {
  return { name, attributes, children };
}

/** Serialises to well-formed XML, whatever the strings contain. */
export function serializeSvg({ name, attributes, children }: SvgElement): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(attributeText(value))}"`);
  const content = children.map((child) => (typeof child === 'string' ? escapeXml(child) : serializeSvg(child)));
  return `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

/** A point of a path, in pixels rounded to hundredths. */
export function pathPoint(command: 'M' | 'L', x: number, y: number): string {
  return `${command}${hundredths(x)} ${hundredths(y)}`;
}

function attributeText(value: string | number): string {
  return typeof value === 'string' ? value : hundredths(value);
}

function hundredths(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.replace(FORBIDDEN_IN_XML, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Characters that XML 1.0 cannot represent: control characters, lone surrogates and two non-characters. */
const FORBIDDEN_IN_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
