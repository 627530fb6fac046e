// The world between a phone and the gateway: an edge in a process of its own, whose line the journey has in its hand.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the journeys by \`cargo x test\`.`);
  return value;
}

/** An edge like Cloudflare's. */
export class Edge {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'offdesk-edge-'));
    this.waiting = [];
  }

  async start() {
    const any = '127.0.0.1:0';
    const args = ['--public', any, '--control', any, '--proxy', any, '--certs', this.folder, '--log', join(this.folder, 'log')];
    this.child = spawn(needed('OFFDESK_EDGE'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ready = new Promise((done) => this.waiting.push(done));
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting.shift()?.(line));
    this.ready = JSON.parse(await ready);
    return this;
  }

  /** `down`, `up`, `cut`, `freeze`, `thaw`, `delay MS`, … */
  async say(command) {
    const answer = new Promise((done) => this.waiting.push(done));
    this.child.stdin.write(`${command}\n`);
    if ((await answer).trim() !== 'ok') throw new Error(`The edge does not know ${command}.`);
  }

  /** What a gateway needs to come out by this edge. */
  get env() {
    return {
      SCRIPTED_EDGE_CONTROL: this.ready.control, HTTPS_PROXY: `http://${this.ready.proxy}`, SSL_CERT_FILE: this.ready.ca,
    };
  }

  get args() {
    return ['--tunnel', 'quick', '--cloudflared', needed('OFFDESK_CLOUDFLARED')];
  }

  /** How a browser is to find the addresses of this world. */
  get rules() {
    return [`--host-resolver-rules=MAP *.trycloudflare.com:443 ${this.ready.public}`, '--ignore-certificate-errors'];
  }

  /** What came to the public port, in order. */
  seen() {
    const path = join(this.folder, 'log');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  close() {
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
