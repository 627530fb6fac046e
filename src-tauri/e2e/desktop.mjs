// A desktop of its own for each test: X server, session bus, window manager, a panel with a real tray, a notification
// service. What a person sees and does there is read over D-Bus, typed with xdotool, and pictured.
import { spawn, execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import jsQR from 'jsqr';

const run = promisify(execFile);
const ROOT = new URL('../..', import.meta.url).pathname;
export const TRAY = process.env.OFFDESK_TRAY ?? join(ROOT, 'target/debug/offdesk-tray');
export const CLI = process.env.OFFDESK_BIN ?? join(ROOT, 'target/debug/offdesk');

/** Waits for a condition; says what was waited for when it does not come. */
export async function until(what, condition, patience = 20_000) {
  const end = Date.now() + patience;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what} did not come within ${patience / 1000} s${last ? `: ${last.message}` : ''}`);
    await pause(50);
  }
}

const SCREEN = [1280, 900];

const PANEL = `[General]
panels=panel1
[panel1]
plugins=statusnotifier
position=Top
panelSize=32
iconSize=24
[statusnotifier]
type=statusnotifier
alignment=Right
`;

export class Desktop {
  static number = 90 + (process.pid % 400);

  /** `tray`: whether the desktop shows icons of programs. */
  static async up(test, { tray = true, bus = true, env = {} } = {}) {
    const desk = new Desktop();
    desk.folder = mkdtempSync(join(tmpdir(), 'offdesk-desktop-'));
    desk.data = join(desk.folder, 'data');
    desk.display = `:${Desktop.number++}`;
    desk.children = [];
    const at = (name) => join(desk.folder, name);
    for (const name of ['home', 'home/.config/lxqt', 'home/.config/dunst', 'run']) mkdirSync(at(name), { recursive: true, mode: 0o700 });
    desk.env = {
      PATH: process.env.PATH, LANG: 'C.UTF-8', DISPLAY: desk.display, HOME: at('home'), SHELL: '/bin/sh',
      XDG_RUNTIME_DIR: at('run'), XDG_CONFIG_HOME: at('home/.config'), XDG_DATA_HOME: at('home/.local/share'), XDG_CACHE_HOME: at('home/.cache'),
      XDG_CURRENT_DESKTOP: 'LXQt', XDG_SESSION_TYPE: 'x11', GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', LIBGL_ALWAYS_SOFTWARE: '1',
      OFFDESK_DATA: desk.data, OFFDESK_KEYS: 'file', OFFDESK_LOG: 'info',
      DBUS_SESSION_BUS_ADDRESS: bus ? `unix:path=${at('run/bus')}` : 'unix:path=/nonexistent',
      ...env,
    };
    test.after(() => desk.down());
    desk.start('Xvfb', [desk.display, '-screen', '0', `${SCREEN.join('x')}x24`, '-nolisten', 'tcp']);
    await until('the display', () => run('xdpyinfo', [], { env: desk.env }));
    if (bus) {
      desk.start('dbus-daemon', ['--session', `--address=unix:path=${at('run/bus')}`, '--nofork', '--nopidfile']);
      await until('the session bus', () => desk.names());
    }
    desk.start('openbox', []);
    if (tray && bus) await desk.panel();
    return desk;
  }

  /** Somebody else, before the same screen. */
  static async beside(test, first) {
    const desk = new Desktop();
    desk.children = [];
    desk.folder = mkdtempSync(join(tmpdir(), 'offdesk-desktop-'));
    desk.data = join(desk.folder, 'data');
    const at = (name) => join(desk.folder, name);
    for (const name of ['home', 'run']) mkdirSync(at(name), { recursive: true, mode: 0o700 });
    desk.env = { ...first.env, HOME: at('home'), XDG_RUNTIME_DIR: at('run'), OFFDESK_DATA: desk.data, DBUS_SESSION_BUS_ADDRESS: `unix:path=${at('run/bus')}` };
    for (const name of ['CONFIG', 'DATA', 'CACHE']) desk.env[`XDG_${name}_HOME`] = at(`home/.${name.toLowerCase()}`);
    test.after(() => desk.down());
    desk.start('dbus-daemon', ['--session', `--address=unix:path=${at('run/bus')}`, '--nofork', '--nopidfile']);
    await until('their bus', () => desk.names());
    return desk;
  }

  start(program, args, env = this.env) {
    const log = openSync(join(this.folder, `${program.split('/').pop()}.log`), 'a');
    const child = spawn(program, args, { env, stdio: ['ignore', log, log] });
    this.children.push(child);
    return child;
  }

  log(program) {
    const file = join(this.folder, `${program}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** A panel with a tray. */
  async panel() {
    writeFileSync(join(this.folder, 'home/.config/lxqt/panel.conf'), PANEL);
    const panel = this.start('lxqt-panel', []);
    await until('the tray host', async () => (await this.names()).includes('org.kde.StatusNotifierWatcher'));
    return panel;
  }

  /** A service that shows notifications, and what it is asked to show. */
  async notifications() {
    writeFileSync(join(this.folder, 'home/.config/dunst/dunstrc'), '[global]\nmonitor = 0\norigin = bottom-right\n');
    this.start('dunst', []);
    await until('the notification service', async () => (await this.names()).includes('org.freedesktop.Notifications'));
    const heard = [];
    const monitor = spawn('busctl', [`--address=${this.env.DBUS_SESSION_BUS_ADDRESS}`, '--json=short', '--match', "interface='org.freedesktop.Notifications'", 'monitor'], { env: this.env, stdio: ['ignore', 'pipe', 'ignore'] });
    this.children.push(monitor);
    createInterface({ input: monitor.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { member, payload } = JSON.parse(line);
      if (member === 'Notify') heard.push({ title: payload.data[3], body: payload.data[4] });
      if (member === 'CloseNotification') heard.push({ closed: payload.data[0] });
    });
    return heard;
  }

  /** A keyring that is open, or one that waits for its password. */
  async keyring(password) {
    if (this.keys) {
      this.keys.kill('SIGKILL');
      await until('the end of the keyring', async () => !(await this.names()).includes('org.freedesktop.secrets'));
    }
    const args = ['--foreground', '--components=secrets', ...(password === undefined ? [] : ['--unlock'])];
    const log = openSync(join(this.folder, 'keyring.log'), 'a');
    this.keys = spawn('gnome-keyring-daemon', args, { env: this.env, stdio: ['pipe', log, log] });
    this.children.push(this.keys);
    this.keys.stdin.end(password ?? '');
    await until('the keyring', async () => (await this.names()).includes('org.freedesktop.secrets'));
  }

  async busctl(...args) {
    const { stdout } = await run('busctl', [`--address=${this.env.DBUS_SESSION_BUS_ADDRESS}`, '--json=short', ...args], { env: this.env });
    return stdout ? JSON.parse(stdout) : undefined;
  }

  async names() {
    return (await this.busctl('call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ListNames')).data[0];
  }

  /** Starts the app; gives its process. */
  app(...args) {
    return this.start(TRAY, args);
  }

  async offdesk(...args) {
    const { stdout } = await run(CLI, args, { env: this.env });
    return stdout;
  }

  async json(...args) {
    return JSON.parse(await this.offdesk(...args, '--json'));
  }

  /** The gateway that the app keeps. */
  gateway() {
    return until('the gateway', () => this.json('ls'));
  }

  /** What the tray's host knows of the app's icon. */
  async icon(pid) {
    const name = `org.kde.StatusNotifierItem-${pid}-1`;
    const { data } = await this.busctl('call', name, '/StatusNotifierItem', 'org.freedesktop.DBus.Properties', 'GetAll', 's', 'org.kde.StatusNotifierItem');
    const get = (key) => data[0][key]?.data;
    const tip = get('ToolTip');
    return { id: get('Id'), status: get('Status'), tooltip: tip?.[3] ?? '', pixmaps: (get('IconPixmap') ?? []).map(([width, , bytes]) => ({ width, bytes })) };
  }

  async registered() {
    return (await this.busctl('get-property', 'org.kde.StatusNotifierWatcher', '/StatusNotifierWatcher', 'org.kde.StatusNotifierWatcher', 'RegisteredStatusNotifierItems')).data;
  }

  /** The menu as a person sees it. */
  async menu(pid) {
    const { data } = await this.busctl('call', `org.kde.StatusNotifierItem-${pid}-1`, '/MenuBar', 'com.canonical.dbusmenu', 'GetLayout', 'iias', '--', '0', '-1', '0');
    const read = ([id, props, children]) => ({
      id, text: (props.label?.data ?? '').replaceAll('__', '_'), enabled: props.enabled?.data ?? true, hidden: props.visible?.data === false,
      separator: props.type?.data === 'separator', ticked: props['toggle-state']?.data === 1,
      children: children.map((child) => read(child.data)).filter((child) => !child.hidden),
    });
    return read(data[1]).children;
  }

  /** Clicks a line, by what it says; a submenu's by the words of both. */
  async click(pid, ...path) {
    const line = await this.line(pid, ...path);
    await this.busctl('call', `org.kde.StatusNotifierItem-${pid}-1`, '/MenuBar', 'com.canonical.dbusmenu', 'Event', 'isvu', '--', String(line.id), 'clicked', 's', '', '0');
  }

  line(pid, ...path) {
    return until(`the line ${path.join(' ▸ ')}`, async () => {
      let lines = await this.menu(pid);
      let found;
      for (const words of path) {
        found = lines.find((line) => (words instanceof RegExp ? words.test(line.text) : line.text === words));
        if (!found) return undefined;
        lines = found.children;
      }
      return found;
    });
  }

  xdotool(...args) {
    return run('xdotool', args, { env: this.env });
  }

  /** The window with this title, when it is there. */
  window(title, patience) {
    return until(`the window ${title}`, async () => {
      const { stdout } = await this.xdotool('search', '--onlyvisible', '--name', `^${title}$`);
      return stdout.trim().split('\n')[0];
    }, patience);
  }

  async windows() {
    try {
      const { stdout } = await this.xdotool('search', '--onlyvisible', '--name', '^(Offdesk|Start a run|Quit Offdesk)$');
      return stdout.trim().split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  /** So many colours are in a window: one that is not drawn yet has its ground alone. */
  async colours(window) {
    const { stdout } = await run('import', ['-window', window, '-format', '%k', 'info:'], { env: this.env });
    return Number(stdout);
  }

  /** What a camera held before the screen reads, as soon as there is a code. */
  code(patience = 40_000) {
    return until('a code on the screen', async () => {
      const [width, height] = SCREEN;
      const { stdout } = await run('import', ['-window', 'root', '-depth', '8', 'rgba:-'], { env: this.env, encoding: 'buffer', maxBuffer: width * height * 4 + 1 });
      return jsQR(new Uint8ClampedArray(stdout), width, height)?.data;
    }, patience);
  }

  /** A picture of all that is on the screen. */
  async picture(file) {
    await run('import', ['-window', 'root', file], { env: this.env });
    return file;
  }

  /** Ends what the desktop's programs started and left: a web view may outlive an app that was killed. */
  endWhatIsLeft() {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.folder)) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has gone, or is somebody else's.
      }
    }
  }

  async down() {
    try {
      await this.offdesk('quit', '--stop-runs');
    } catch (error) {
      if (process.env.DEBUG) console.log(error);
    }
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await Promise.race([gone, pause(3000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
    }
    this.endWhatIsLeft();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20 });
  }
}
