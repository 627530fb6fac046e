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
