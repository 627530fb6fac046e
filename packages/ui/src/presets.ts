import { t, type Preset } from '@offdesk/client';

/** A preset's words before those that were typed; the words of another preset, chosen before, make place. */
export function beginWith(words: string, typed: string, before: string): string {
  const own = (before && typed.startsWith(before) ? typed.slice(before.length) : typed).trim();
  if (words === '') return own;
  if (own === '' || own === words.trim()) return words;
  if (typed.startsWith(words)) return typed;
  return `${words}${/\s$/.test(words) ? '' : '\n'}${own}`;
}

/** What a new preset may be called: the first words, or where it works. */
export function suggestName(prompt: string, agent: string, folder: string): string {
  const first = prompt.split('\n').map((line) => line.trim()).find(Boolean) ?? t.presets.agentIn(agent, folder);
  return [...first.replace(/\s+/g, ' ')].slice(0, 30).join('').trim();
}

/** The same name, however it is written. */
export const sameName = (presets: Preset[], name: string) => presets.find((preset) => preset.name.toLowerCase() === name.trim().toLowerCase());
