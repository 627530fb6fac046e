import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Growing, toHtml } from '../src/markdown.ts';

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

describe('words that are still being written', () => {
  const BLOCKS = [
    'A paragraph\nof two lines.', '# A heading', '- one\n- two', '- loose\n\n- list\n\n  with more', '1. first\n2. second\n   ```\n   code\n   ```',
    '```rust\nfn main() {}\n\nlet a = 1;\n```', '> quoted\n> twice', '| a | b |\n|---|---|\n| 1 | 2 |', '---', 'under\n=====', '    indented code\n\n    more of it',
    'windows\r\nline ends\rand older ones', '\u001b[31mred\u001b[0m and \u202e', '***', '```\nnever closed',
  ];
  const texts = fc.array(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 8 }).map((blocks) => blocks.join('\n\n'));

  test('are in the end what they are when they are read at once', () => {
    fc.assert(fc.property(texts, fc.array(fc.nat(400), { maxLength: 30 }), (text, cuts) => {
      const growing = new Growing();
      for (const cut of [...cuts].sort((a, b) => a - b)) growing.take(text.slice(0, cut));
      expect(growing.take(text).join('')).toBe(toHtml(text));
    }));
  });

  test('leave what was written before as it is', () => {
    const growing = new Growing();
    const before = growing.take('First.\n\n```\ncode\n```\n\nLast');
    const after = growing.take('First.\n\n```\ncode\n```\n\nLast words');
    expect(after).toHaveLength(3);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(growing.take('Another text')).toEqual([toHtml('Another text')]);
  });
});
