import type { AgentInfo, Capabilities } from '@offdesk/client';
import { expect, test } from 'vitest';
import { choiceOf, choices, takesFilesWith } from '../src/agents.ts';

const agent = (kind: string, found: boolean, more: Partial<AgentInfo> = {}) =>
  ({ kind, name: kind, found, own: false, capabilities: { command: kind === 'command' }, ...more }) as AgentInfo;

test('an agent and its terminal are one choice, and what can be used comes first', () => {
  const all = choices([
    agent('demo', true), agent('command', true), agent('codex', false), agent('claude-terminal', true), agent('claude', true),
    agent('codex-terminal', false), agent('hands-on', true), agent('mine-terminal', true, { own: true }),
  ]);
  expect(all.map(({ kind, ways }) => [kind, ways.map((way) => way.kind)])).toEqual([
    ['claude', ['claude', 'claude-terminal']],
    // One's own stays what it was called.
    ['mine-terminal', ['mine-terminal']],
    ['demo', ['demo']],
    ['hands-on', ['hands-on']],
    ['command', ['command']],
    ['codex', ['codex', 'codex-terminal']],
  ]);
  expect(choiceOf('claude-terminal', all)?.kind).toBe('claude');
});

test('an agent of which only the terminal can be used is there, and says so', () => {
  const [claude] = choices([agent('claude', false), agent('claude-terminal', true)]);
  expect(claude?.info.kind).toBe('claude-terminal');
});

test('files go with prompts that are typed nowhere, and with those of a terminal that is told pictures beside it', () => {
  const can = (terminal: boolean, images: boolean) => ({ terminal, images }) as Capabilities;
  expect([can(false, false), can(false, true), can(true, true)].map(takesFilesWith)).toEqual([true, true, true]);
  expect([can(true, false), undefined].map(takesFilesWith)).toEqual([false, false]);
});
