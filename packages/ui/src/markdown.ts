import MarkdownIt from 'markdown-it';
import { prose, t } from '@offdesk/client';

/** Where a link leads, as a person can judge it: the host, in ASCII, so that lookalike letters show. */
function destination(href: string): string {
  try {
    return new URL(href).host;
  } catch {
    return '';
  }
}

// No raw HTML, no images (they would call out), links to the web only.
const renderer = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable('image');
renderer.validateLink = (url) => /^https?:\/\//i.test(url);

renderer.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('rel', 'noopener noreferrer');
  tokens[index]?.attrSet('target', '_blank');
  return self.renderToken(tokens, index, options);
};

// The words of a link may say anything; where it leads is written behind them.
renderer.renderer.rules.link_close = (tokens, index) => {
  const opened = tokens.slice(0, index).findLast((token) => token.type === 'link_open');
  const to = destination(String(opened?.attrGet('href') ?? ''));
  return `</a>${to ? ` <span class="to">(${renderer.utils.escapeHtml(to)})</span>` : ''}`;
};

// Code can be copied whole; whoever shows the HTML listens for the button.
for (const kind of ['fence', 'code_block'] as const) {
  const plain = renderer.renderer.rules[kind]!;
  renderer.renderer.rules[kind] = (...all) => `<div class="code"><button type="button" data-copy>${renderer.utils.escapeHtml(t.act.copy)}</button>${plain(...all)}</div>`;
}

/** An agent's words as HTML without anything that runs, loads or hides. */
export function toHtml(markdown: string): string {
  return renderer.render(prose(markdown));
}

/** Where in a text its line of this number begins. */
function lineAt(text: string, line: number): number {
  let at = 0;
  for (let passed = 0; passed < line; passed++) at = text.indexOf('\n', at) + 1;
  return at;
}

/**
 * A text that is still being written, as pieces of HTML of which only the last one changes: what was written before is
 * neither read nor drawn again. A link whose address stands elsewhere in the text is one when the whole is read by `toHtml`.
 */
export class Growing {
  private done: string[] = [];
  private from = 0;
  private text = '';

  take(text: string): string[] {
    if (!text.startsWith(this.text)) {
      this.done = [];
      this.from = 0;
    }
    this.text = text;
    const rest = text.slice(this.from);
    const tokens = renderer.parse(prose(rest), {});
    const outer = tokens.map((token, index) => ({ token, index })).filter(({ token }) => token.level === 0 && token.nesting >= 0);
    const last = outer.at(-1);
    const html = (from: number, to: number) => renderer.renderer.render(tokens.slice(from, to), renderer.options, {});
    if (!last || outer.length < 2) return [...this.done, html(0, tokens.length)];
    for (const [at, { index }] of outer.slice(0, -1).entries()) this.done.push(html(index, outer[at + 1]!.index));
    this.from += lineAt(rest, last.token.map?.[0] ?? 0);
    return [...this.done, html(last.index, tokens.length)];
  }
}
