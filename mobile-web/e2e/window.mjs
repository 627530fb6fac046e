// A terminal at the desk, in which a person types.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './story.mjs';

const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Without what a terminal would hide (moves, colours, titles), and without spaces: some programs move instead. */
const plain = (text) => text.replace(/\x1b(\[[0-9;?>=<]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>78])/g, '').replace(/\s+/g, '');

export class Window {
  /** Types these words at the desk's shell, in the workspace. */
  constructor(desk, words, env = {}) {
    // `script` is the pseudo-terminal: it is on every Linux, and Node has none of its own.
    const line = `stty rows 40 cols 110; exec ${words.map(quoted).join(' ')}`;
    const all = { ...desk.env, OFFDESK_DATA: desk.data, TERM: 'xterm-256color', ...env };
    this.script = spawn('script', ['-qefc', line, '/dev/null'], { cwd: desk.workspace, env: all, stdio: ['pipe', 'pipe', 'inherit'] });
    this.said = '';
    this.script.stdout.on('data', (bytes) => (this.said += bytes));
    this.gone = once(this.script, 'exit');
  }

  type(keys) {
    this.script.stdin.write(keys);
  }

  /** Waits until these words were shown since `from`, which is where the screen was at a moment before. */
  async shows(words, from = 0) {
    try {
      await until(`“${words}”`, () => plain(this.said.slice(from)).includes(words.replace(/\s+/g, '')));
    } catch (error) {
      throw new Error(`${error.message}; the window shows: ${plain(this.said).slice(-3000)}`);
    }
  }

  /** As a person: the words, and when they are there, Enter. */
  async says(words) {
    const from = this.said.length;
    this.type(words);
    await this.shows(words.slice(0, 20), from);
    this.type('\r');
  }

  /** As a person: presses the key, and again where nothing came of it. A dialog waits while somebody types, and drops what comes early. */
  async answers(key, answered) {
    let pressed = 0;
    await until(`“${key}” is an answer`, () => {
      if (answered()) return true;
      if (Date.now() - pressed > 2_000) {
        this.type(key);
        pressed = Date.now();
      }
      return false;
    });
  }

  /** Closes the window, whatever runs in it. */
  async close() {
    this.script.kill('SIGKILL');
    await this.gone;
  }
}

/** Somebody who has used Claude Code before, has a key, and trusts this folder. */
export function knowsClaude(desk, key) {
  return {
    hasCompletedOnboarding: true, theme: 'dark',
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [desk.workspace]: { hasTrustDialogAccepted: true } },
  };
}
