import { describe, expect, test } from 'vitest';
import { toHtml } from '../src/markdown.ts';

describe("an agent's words", () => {
  test('never become HTML of their own', () => {
    const html = toHtml('<script>alert(1)</script> <img src=x onerror=alert(1)> **bold**');
    expect(html).not.toMatch(/<(script|img)/);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('<strong>bold</strong>');
  });

  test('load nothing', () => {
    expect(toHtml('![pixel](https://evil.example/p.png)')).not.toContain('<img');
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', '//evil.example', '#c=code'])(
    'lead nowhere but to the web: %s', (target) => expect(toHtml(`[click](${target})`)).not.toContain('<a'),
  );

  test('say where a link leads, and open it without handing the page over', () => {
    const html = toHtml('[https://bank.example](https://evil.example/bank) and [pаypal.com](https://pаypal.com)');
    expect(html).toContain('(evil.example)');
    expect(html).toContain('(xn--pypal-4ve.com)');
    expect(html.match(/rel="noopener noreferrer" target="_blank"/g)).toHaveLength(2);
  });

  test('cannot turn the order of the letters around', () => {
    expect(toHtml('`a\u202eb`')).toContain('⟨U+202E⟩');
  });
});
