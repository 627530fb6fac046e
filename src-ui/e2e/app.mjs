// The app without its shell: the built windows in a browser, their commands carried to a real gateway's socket.
import { createReadStream, existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import WebSocket from 'ws';

const PAGES = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
/** The app's policy. */
const POLICY = "default-src 'self' ipc: http://ipc.localhost; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'";
const PATIENCE = 30_000;

/** What the app's web view has and a browser has not; as in @tauri-apps/api's core.js and event.js. */
function internals() {
  const callbacks = new Map();
  let last = 0;
  const run = (id, data) => callbacks.get(id)?.(data);
  window.__TAURI_INTERNALS__ = {
    transformCallback(callback, once = false) {
      const id = ++last;
      callbacks.set(id, (data) => {
        if (once) callbacks.delete(id);
        return callback?.(data);
      });
      return id;
    },
    unregisterCallback: (id) => callbacks.delete(id),
    runCallback: run,
    async invoke(command, args = {}) {
      const { value, refused } = JSON.parse(await window.__app(command, JSON.stringify(args)));
      if (refused) throw refused;
      return value;
    },
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: () => undefined };
  window.__deliver = (id, { bytes, ...message }) => {
    if (bytes !== undefined) message.message = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)).buffer;
    run(id, message);
  };
}

export class App {
  /** `desk`: the gateway's home, as the other journeys tell it. */
  constructor(desk) {
    this.desk = desk;
    /** Commands that were given, in order. */
    this.given = [];
    this.windows = new Set();
    this.lives = new Map();
    this.lastId = 0;
    this.state = {
      version: '0.1.0', data: desk.data, host: 'journey',
      gateway: { state: 'running', ours: true, sentence: 'The gateway runs.', fix: null, retryAt: null, version: '0.1.0', pid: null, log: [] },
      tray: 'shown',
      shortcut: { keys: 'CommandOrControl+Shift+Space', state: 'ready', text: null },
      startAtLogin: { on: false, problem: null },
      update: { state: 'unsupported', version: null, text: null },
      note: null,
      settings: {
        shortcut: 'CommandOrControl+Shift+Space', startAtLogin: false, appearance: 'system', onQuit: 'ask',
        notify: { needsYou: true, finished: true, reach: true },
      },
    };
  }

  async start() {
    this.server = createServer((asked, answer) => {
      const path = normalize(new URL(asked.url, 'http://x').pathname);
      const file = join(PAGES, path === '/' ? 'index.html' : path);
      if (!file.startsWith(PAGES) || !existsSync(file)) return answer.writeHead(404).end();
      answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
      createReadStream(file).pipe(answer);
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    // Windows of one app share what they keep.
    this.context = await this.browser.newContext();
    return this;
  }

  /** Opens a window; `file` as `index.html#/devices`. */
  async window(file, { width = 980, height = 680 } = {}) {
    const page = await this.context.newPage();
    await page.setViewportSize({ width, height });
    page.setDefaultTimeout(PATIENCE);
    const window = { page, listeners: [], complaints: [] };
    this.windows.add(window);
    page.on('close', () => this.windows.delete(window));
    page.on('pageerror', (error) => window.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/.test(message.text())) window.complaints.push(message.text());
    });
    await page.exposeFunction('__app', async (command, args) => {
      try {
        return JSON.stringify({ value: await this.command(window, command, JSON.parse(args)) });
      } catch (refused) {
        return JSON.stringify({ refused: refused instanceof Error ? { code: 'internal', message: String(refused) } : refused });
      }
    });
    await page.addInitScript(internals);
    await page.goto(`${this.origin}/${file}`);
    // A window is drawn once there are words for it; keys pressed before that are nobody's.
    await page.locator('#app > *').first().waitFor({ state: 'attached' });
    return window;
  }

  async command(window, command, args) {
    if (!['ask', 'live_open', 'live_send', 'live_close', 'desk', 'set_height'].includes(command) && !command.startsWith('plugin:')) this.given.push({ command, args });
    switch (command) {
      case 'plugin:event|listen':
        return window.listeners.push({ event: args.event, handler: args.handler });
      case 'plugin:event|unlisten':
        window.listeners[args.eventId - 1] = null;
        return;
      case 'ask':
        return this.ask(args);
      case 'live_open':
        return this.open(window, Number(/^__CHANNEL__:(\d+)$/.exec(args.news)[1]));
      case 'live_send':
        return this.lives.get(args.id)?.send(args.text);
      case 'live_close':
        return this.lives.get(args.id)?.close();
      case 'desk':
        return this.state;
      case 'change_settings':
        if (args.change.shortcut === 'CommandOrControl+Alt+T') throw { code: 'wrongState', message: 'Another program has these keys.', hint: 'Choose others.' };
        this.is({ settings: { ...this.state.settings, ...args.change }, ...(args.change.shortcut === undefined ? {} : { shortcut: { ...this.state.shortcut, keys: args.change.shortcut } }) });
        return this.state;
      case 'set_height':
        return window.page.setViewportSize({ ...window.page.viewportSize(), height: args.height });
      case 'show':
        return this.emit('go', { place: args.place });
      case 'close_window':
        setImmediate(() => void window.page.close());
        return;
      case 'start_gateway':
        await this.desk.start();
        this.gatewayIs({ state: 'running', sentence: 'The gateway runs.', fix: null, log: [] });
        return;
      case 'diagnostics':
        return 'Offdesk 0.1.0';
      case 'copy':
      case 'open_link':
      case 'quit':
      case 'fresh_gateway':
        return;
      default:
        throw { code: 'notFound', message: `The app knows no ${command}.` };
    }
  }

  get socket() {
    return join(this.desk.data, 'gateway.sock');
  }

  ask({ method, path, body }) {
    return new Promise((resolve, reject) => {
      const headers = body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = request({ socketPath: this.socket, method, path, headers }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: { 'content-type': answer.headers['content-type'] ?? '' }, body: Buffer.concat(parts).toString() }));
      });
      asked.on('error', () => reject({ code: 'unreachable', message: 'No gateway answers.' }));
      asked.end(body ?? undefined);
    });
  }

  open(window, channel) {
    const id = ++this.lastId;
    let index = 0;
    const tell = (message) => void window.page.evaluate(([to, what]) => window.__deliver(to, what), [channel, { index: index++, ...message }]).catch(() => undefined);
    const live = new WebSocket(`ws+unix://${this.socket}:/api/v1/live`);
    this.lives.set(id, live);
    live.on('open', () => tell({ message: { type: 'open' } }));
    live.on('message', (data, binary) => tell(binary ? { bytes: data.toString('base64') } : { message: { type: 'text', text: data.toString() } }));
    live.on('error', () => undefined);
    live.on('close', (code) => {
      this.lives.delete(id);
      tell({ message: { type: 'closed', code } });
      tell({ end: true });
    });
    return id;
  }

  emit(event, payload) {
    for (const { page, listeners } of this.windows) {
      for (const one of listeners) {
        if (one?.event === event) void page.evaluate(([to, what]) => window.__TAURI_INTERNALS__.runCallback(to, what), [one.handler, { event, id: 0, payload }]).catch(() => undefined);
      }
    }
  }

  /** The app has changed. */
  is(change) {
    this.state = { ...this.state, ...change };
    this.emit('desk', this.state);
  }

  gatewayIs(change) {
    this.is({ gateway: { ...this.state.gateway, ...change } });
  }

  async close() {
    await this.browser.close();
    for (const live of this.lives.values()) live.terminate();
    await new Promise((done) => this.server.close(done));
  }
}
