// Compares the message files of two languages: the same areas, the same names, the same things put in.
import ts from 'typescript';

/** The messages of an area's file: by name what is put in, and whether each of it is used. */
export function messagesIn(source) {
  const file = ts.createSourceFile('messages.ts', source, ts.ScriptTarget.Latest, true);
  const messages = new Map();
  const object = (node) => (ts.isSatisfiesExpression(node) || ts.isAsExpression(node) ? object(node.expression) : ts.isObjectLiteralExpression(node) ? node : null);
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      for (const property of (initializer && object(initializer)?.properties) ?? []) {
        if (ts.isPropertyAssignment(property)) messages.set(`${name.getText()}.${property.name.getText()}`, slotsOf(property.initializer));
      }
    }
  }
  return messages;
}

/** What a message takes, in order, and which of it it says. */
function slotsOf(value) {
  if (!ts.isArrowFunction(value)) return { takes: [], says: new Set() };
  const takes = value.parameters.map((parameter) => parameter.name.getText());
  const says = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node) && takes.includes(node.text)) says.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(value.body);
  return { takes, says };
}

/** What one language has and the other has not, in words. */
export function differences(measure, other) {
  const said = [];
  for (const [name, { takes }] of measure) {
    const there = other.get(name);
    if (!there) said.push(`${name} is missing`);
    else if (takes.join() !== there.takes.join()) said.push(`${name} takes (${there.takes.join(', ')}) and not (${takes.join(', ')})`);
  }
  for (const [name, { takes, says }] of other) {
    if (!measure.has(name)) said.push(`${name} is in no other language`);
    for (const slot of takes) if (!says.has(slot)) said.push(`${name} leaves out ${slot}`);
  }
  return said;
}
