import { fontFaces } from '../../runtime/figures/fonts.js';
import { type HtmlElement, type HtmlNode, html, htmlDocument } from './html.js';
import { styleSheet } from './style.js';

/** A self-contained HTML document that loads and runs nothing. */
export async function reportPage(title: string, sections: readonly HtmlElement[]): Promise<string> {
  return htmlDocument(page(title, styleSheet(await fontFaces()), sections));
}

function page(title: string, style: string, sections: readonly HtmlElement[]): HtmlElement {
  return html(
    'html',
    { lang: 'en' },
    html(
      'head',
      {},
      html('meta', { charset: 'utf-8' }),
      // The page can load and run nothing, whatever its texts contain.
      html('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'",
      }),
      html('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      html('meta', { name: 'generator', content: 'aedsl' }),
      html('title', {}, title),
      html('style', {}, { markup: style }),
    ),
    html('body', {}, html('main', {}, ...sections)),
  );
}

export function section(id: string, title: string, ...children: readonly HtmlNode[]): HtmlElement {
  return html('section', { id }, html('h2', {}, title), ...children);
}

/** Links to sections by their ids. */
export function contents(ids: readonly string[]): HtmlElement {
  return html('nav', {}, ...ids.map((id) => html('a', { href: `#${id}` }, id)));
}

export function card(name: string, value: string, note: string): HtmlElement {
  return html('div', { class: 'card' }, html('dt', {}, name), html('dd', {}, value, html('small', {}, note)));
}
