// Finds text for people that stands outside the message files: in templates, in attributes that are read or shown, and
// in sentences of scripts.
import { parse } from 'svelte/compiler';
import ts from 'typescript';

/** What is the same in every language: names, and what is typed or written by programs. */
const SAME = new Set([
  'Offdesk', 'ntfy', 'Telegram', 'Webhook', 'STARTTLS', 'TLS', 'B', 'kB', 'Esc', 'Tab', 'Shift Tab', 'Ctrl', 'Alt', 'A−', 'A+',
  'npm run dev', 'https://offdesk.example.org', '/home/me/projects', 'eyJ…', 'x', 's',
]);
/** Attributes that somebody reads or hears. */
const READ = /^(aria-(label|description|roledescription|valuetext|placeholder)|title|placeholder|alt|label|about|legend|summary)$/;
/** What is code, and looks so. */
const CODE = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'svg']);

const isText = (text) => /\p{L}/u.test(text) && !SAME.has(text.trim());

/** The strings an expression may come out as. */
function* outcomes(node) {
  switch (node?.type) {
    case 'Literal':
      if (typeof node.value === 'string') yield { text: node.value, at: node.start };
      return;
    case 'TemplateLiteral':
      for (const part of node.quasis) yield { text: part.value.cooked ?? '', at: part.start };
      for (const part of node.expressions) yield* outcomes(part);
      return;
    case 'ConditionalExpression':
      yield* outcomes(node.consequent);
      yield* outcomes(node.alternate);
      return;
    case 'LogicalExpression':
      if (node.operator !== '&&') yield* outcomes(node.left);
      yield* outcomes(node.right);
      return;
    case 'BinaryExpression':
      if (node.operator === '+') {
        yield* outcomes(node.left);
        yield* outcomes(node.right);
      }
      return;
    case 'CallExpression':
      // These show what they get.
      if (['visible', 'prose', 'String'].includes(node.callee.name)) for (const part of node.arguments) yield* outcomes(part);
      return;
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      yield* outcomes(node.expression);
  }
}

function* attributeTexts(attribute) {
  const parts = Array.isArray(attribute.value) ? attribute.value : [attribute.value];
  for (const part of parts) {
    if (part?.type === 'Text') yield { text: part.data, at: part.start };
    else if (part?.type === 'ExpressionTag') yield* outcomes(part.expression);
  }
}

function* templateTexts(node) {
  if (Array.isArray(node)) {
    for (const one of node) yield* templateTexts(one);
    return;
  }
  if (!node || typeof node !== 'object') return;
  switch (node.type) {
    case 'Text':
      yield { text: node.data, at: node.start };
      return;
    case 'ExpressionTag':
      yield* outcomes(node.expression);
      return;
    case 'RegularElement':
    case 'Component':
    case 'SvelteElement': {
      for (const attribute of node.attributes) {
        if (attribute.type !== 'Attribute') continue;
        const said = READ.test(attribute.name);
        for (const one of attributeTexts(attribute)) {
          // What a part of ours is given may be shown under any name.
          if (said || (node.type === 'Component' && /\p{L} \p{L}/u.test(one.text))) yield one;
        }
      }
      if (!CODE.has(node.name)) yield* templateTexts(node.fragment);
      return;
    }
    default:
      for (const part of ['fragment', 'nodes', 'consequent', 'alternate', 'body', 'fallback', 'pending', 'then', 'catch']) yield* templateTexts(node[part]);
  }
}

/** Where strings are said to programmers, or are no words at all. */
function isPlumbing(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isNewExpression(at) && /(Error|Over|Answer|In|Failed|Version)$/.test(at.expression.getText())) return true;
    if (ts.isCallExpression(at) && /(matchMedia|querySelector|querySelectorAll|closest|execCommand|attrSet|super|define)$/.test(at.expression.getText())) return true;
    if (ts.isPropertyAssignment(at) && /^(fontFamily)$/.test(at.name.getText())) return true;
    if (ts.isImportDeclaration(at) || ts.isTypeNode(at)) return true;
    if (ts.isStatement(at)) return ts.isThrowStatement(at);
  }
  return false;
}

/** Sentences in a script: two words one after the other. */
function* sentences(source, offset = 0) {
  const file = ts.createSourceFile('script.ts', source, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    const text = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) ? node.text
      : ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…') : null;
    const words = text?.replace(/<[^>]*>/g, '').replace(/^[\w-]+\/[\w-]+;.*/, '') ?? '';
    if (/\p{L}{2,}[,:;.…]* \p{L}{2,}/u.test(words) && !isPlumbing(node)) found.push({ text, at: offset + node.getStart() });
    ts.forEachChild(node, visit);
  };
  visit(file);
  yield* found;
}

const lineOf = (source, at) => source.slice(0, at).split('\n').length;

/** Text outside messages in a component or a script, with the line it stands in. */
export function literalsIn(source, name) {
  const found = [];
  if (name.endsWith('.svelte')) {
    const ast = parse(source, { modern: true });
    found.push(...templateTexts(ast.fragment));
    for (const script of [ast.module, ast.instance]) {
      if (script) found.push(...sentences(source.slice(script.content.start, script.content.end), script.content.start));
    }
  } else {
    found.push(...sentences(source));
  }
  return found.filter(({ text }) => isText(text)).map(({ text, at }) => ({ line: lineOf(source, at), text: text.trim() }));
}
