// The words journeys are told in: a gateway that can be killed, and a phone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const PATIENCE = 30_000;

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the journeys by \`cargo x test\`.`);
  return value;
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${child.spawnfile} ended without a word`);
}

/** A person's machine. */
export class Desk {
  constructor(env = {}, args = []) {
    this.args = args;
    this.home = mkdtempSync(join(tmpdir(), 'offdesk-journey-'));
    this.data = join(this.home, 'data');
    mkdirSync(join(this.home, 'workspace'));
    this.workspace = realpathSync(join(this.home, 'workspace'));
    /** Emptied, the gateway allows what it allows by itself. */
    this.roots = ['--root', this.workspace];
    this.env = { PATH: process.env.PATH, HOME: this.home, SHELL: '/bin/sh', LANG: 'C.UTF-8', OFFDESK_KEYS: 'file', ...env };
  }

  async start() {
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const args = ['--data', this.data, 'serve', '--json', '--listen', listen, ...this.roots, ...this.args];
    this.gateway = spawn(needed('OFFDESK_BIN'), args, { env: this.env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ready = JSON.parse(await firstLine(this.gateway));
    this.url = ready.url;
    this.loginUrl = ready.loginUrl;
  }

  async kill() {
    const gone = once(this.gateway, 'exit');
    this.gateway.kill('SIGKILL');
    await gone;
  }

  async cli(...args) {
    const child = spawn(needed('OFFDESK_BIN'), ['--data', this.data, ...args], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = [];
    child.stdout.on('data', (bytes) => out.push(bytes));
    await once(child, 'close');
    return Buffer.concat(out).toString();
  }

  file(name) {
    const path = join(this.workspace, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  write(name, text) {
    writeFileSync(join(this.workspace, name), text);
  }

  async close() {
    for (const run of JSON.parse((await this.cli('ls', '--json')) || '[]')) await this.cli('stop', run.id);
    await until('all runs are over', async () => {
      const runs = JSON.parse(await this.cli('ls', '--json'));
      return runs.every((run) => ['done', 'failed', 'stopped', 'lost', 'timedOut'].includes(run.state));
    });
    const gone = once(this.gateway, 'exit');
    this.gateway.kill('SIGTERM');
    await gone;
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The scripted model, for the real Claude Code or whoever knows its address. */
export async function model() {
  const child = spawn(needed('OFFDESK_MODEL'), [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await firstLine(child);
  return {
    url,
    get env() {
      return {
        OFFDESK_CLAUDE: needed('OFFDESK_CLAUDE'),
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: 'sk-ant-scripted-0123456789abcdef',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
      };
    },
    close: () => child.kill(),
  };
}

/** A phone with touch. `rules`: how it finds the world; `locale`: what its system speaks. */
export async function phone(rules = [], viewport = { width: 390, height: 844 }, locale = 'en-US') {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', ...rules],
  });
  const context = await browser.newContext({
    viewport, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale, ignoreHTTPSErrors: rules.length > 0,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  return { browser, context, page, complaints };
}

/**
 * A person at home: their machine, and their phone with its page open. `prepare`: what is there before Offdesk is started and
 * the page opened. What failed leaves a picture.
 */
export async function atHome(what, { env = {}, prepare = () => {}, viewport, locale } = {}) {
  const desk = new Desk(env);
  const { complaints, ...screen } = await phone([], viewport, locale);
  const { browser, page } = screen;
  try {
    await prepare({ desk, page });
    await desk.start();
    await page.goto(desk.loginUrl);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await what({ desk, ...screen });
    assert.deepEqual(complaints, []);
  } catch (error) {
    if (process.env.OFFDESK_SHOTS) await page.screenshot({ path: join(process.env.OFFDESK_SHOTS, 'failed.png') });
    throw error;
  } finally {
    await browser.close();
    await desk.close();
  }
}

export async function until(what, condition, patience = PATIENCE) {
  const deadline = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Three taps: agent, words, start. */
export async function startRun(page, agent, prompt) {
  await page.getByRole('link', { name: 'New run' }).tap();
  await page.getByRole('button', { name: agent }).first().tap();
  if (prompt) await page.getByRole('textbox', { name: 'Prompt' }).fill(prompt);
  await page.getByRole('button', { name: 'Start' }).tap();
}

/** Behind the last door of the bar. */
export async function more(page, name) {
  await page.getByRole('link', { name: 'More', exact: true }).tap();
  await page.getByRole('navigation', { name: 'More' }).getByRole('link', { name: new RegExp(`^${name}`) }).tap();
}

export function card(page) {
  return page.getByRole('region', { name: 'Approval' }).filter({ has: page.getByRole('button', { name: /^(Allow|Answer)$/ }) });
}
