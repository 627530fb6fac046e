// The colours of a language, without any HTML reaching the page: the library's markup is read back into words.
import type { LanguageFn } from 'highlight.js';
import hljs from 'highlight.js/lib/core';

/** Few enough to tell apart, in the light and in the dark. */
export type Colour = 'keyword' | 'string' | 'number' | 'comment' | 'name';

const COLOURS: Record<string, Colour> = {
  keyword: 'keyword', built_in: 'keyword', 'selector-tag': 'keyword', meta: 'keyword', tag: 'keyword',
  string: 'string', regexp: 'string', addition: 'string', code: 'string',
  number: 'number', literal: 'number', symbol: 'number',
  comment: 'comment', quote: 'comment', doctag: 'comment',
  title: 'name', name: 'name', attr: 'name', attribute: 'name', section: 'name', type: 'name',
};

type Load = () => Promise<{ default: LanguageFn }>;
const LANGUAGES: Record<string, Load> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const ENDINGS: Record<string, string> = {
  sh: 'bash', bash: 'bash', zsh: 'bash', c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', cs: 'csharp', css: 'css', scss: 'css', go: 'go',
  toml: 'ini', ini: 'ini', java: 'java', js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascript', json: 'json', kt: 'kotlin',
  php: 'php', py: 'python', rb: 'ruby', rs: 'rust', sql: 'sql', swift: 'swift', ts: 'typescript', tsx: 'typescript', mts: 'typescript',
  html: 'xml', xml: 'xml', svg: 'xml', svelte: 'xml', vue: 'xml', yml: 'yaml', yaml: 'yaml',
};

/** By a file's name; nothing for one whose language is not known. */
export const languageOf = (path: string): string | undefined => ENDINGS[/\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

/** The library's markup as stretches, line by line. */
function stretches(html: string): { text: string; colour: Colour | null }[][] {
  const lines: { text: string; colour: Colour | null }[][] = [[]];
  const open: (Colour | null)[] = [];
  for (const [token] of html.matchAll(/<[^>]*>|[^<]+/g)) {
    if (token === '</span>') open.pop();
    else if (token.startsWith('<')) open.push(COLOURS[/hljs-([a-z_-]+)/.exec(token)?.[1] ?? ''] ?? open.at(-1) ?? null);
    else {
      const [first = '', ...more] = token.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity).split('\n');
      const put = (text: string) => text && lines.at(-1)?.push({ text, colour: open.at(-1) ?? null });
      put(first);
      for (const text of more) {
        lines.push([]);
        put(text);
      }
    }
  }
  return lines;
}

/** Lines of a file in its language's colours; as they are where there are none. */
export async function coloured(lines: string[], path: string): Promise<{ text: string; colour: Colour | null }[][]> {
  const plain = () => lines.map((text) => [{ text, colour: null }]);
  const language = languageOf(path);
  const load = language === undefined ? undefined : LANGUAGES[language];
  if (language === undefined || !load) return plain();
  if (!hljs.getLanguage(language)) hljs.registerLanguage(language, (await load()).default);
  const found = stretches(hljs.highlight(lines.join('\n'), { language, ignoreIllegals: true }).value);
  // What is shown is what was there, letter for letter, or it is shown without colours.
  const same = found.length === lines.length && found.every((line, place) => line.map(({ text }) => text).join('') === lines[place]);
  return same ? found : plain();
}
