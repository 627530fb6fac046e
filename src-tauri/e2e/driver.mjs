// Drives a window of the app through WebKitWebDriver, which starts the app itself.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { until } from './desktop.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export class Windows {
  /** Starts the app on this desktop, with a window. */
  static async open(desk, program, args = []) {
    const windows = new Windows();
    const port = await freePort();
    windows.base = `http://127.0.0.1:${port}`;
    const env = { ...desk.env, TAURI_WEBVIEW_AUTOMATION: 'true' };
    windows.driver = desk.start('WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`], env);
    await until('the driver', () => fetch(`${windows.base}/status`));
    const options = { binary: program, args };
    const { sessionId } = await windows.ask('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
    windows.path = `/session/${sessionId}`;
    return windows;
  }

  async ask(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.message}`);
    return value;
  }

  in(method, path, body) {
    return this.ask(method, `${this.path}${path}`, body);
  }

  /** Runs a function in the page. */
  page(what, ...args) {
    return this.in('POST', '/execute/sync', { script: `return (${what}).apply(null, arguments)`, args });
  }

  /** The element that a person would name so, as soon as it is there. */
  find(role, name) {
    return until(`${role} “${name}”`, async () => {
      const found = await this.in('POST', '/elements', { using: 'css selector', value: ROLES[role] ?? role });
      for (const element of found) {
        const id = element[ELEMENT];
        const label = await this.in('GET', `/element/${id}/computedlabel`).catch(() => '');
        const matches = name instanceof RegExp ? name.test(label) : label === name;
        if (matches && (await this.in('GET', `/element/${id}/displayed`))) return id;
      }
      return undefined;
    });
  }

  /** Clicks it once it can be clicked: what is not read yet cannot be allowed. */
  async click(role, name) {
    const id = await this.find(role, name);
    await until(`“${name}” to be enabled`, () => this.in('GET', `/element/${id}/enabled`));
    await this.in('POST', `/element/${id}/click`, {});
  }

  async type(role, name, text) {
    await this.in('POST', `/element/${await this.find(role, name)}/value`, { text });
  }

  sees(text, patience) {
    return until(`“${text}”`, () => this.page('(text) => document.body.innerText.includes(text)', text), patience);
  }

  async close() {
    await this.in('DELETE', '').catch(() => undefined);
    this.driver.kill();
  }
}

const ROLES = {
  button: 'button, [role=button]', link: 'a[href]', textbox: 'input, textarea', checkbox: 'input[type=checkbox], [role=switch]', img: 'img, svg[role=img], [role=img]',
};
