// Another build of the page: the same, with other names for its files, as a build of changed sources would have. A
// browser fetches a service worker by itself, past any routing of its pages: so a server stands before the edge.
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';

const ASSETS = () => readdirSync(new URL('../dist/assets', import.meta.url));
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html' };

/** What stands between phones and the edge, and can serve another build than the gateway has. */
export class Front {
  constructor(edge) {
    this.edge = edge;
    /** The build that is served; the empty word for the one that was built. */
    this.build = '';
  }

  async start() {
    const pem = readFileSync(join(this.edge.folder, 'leaf.pem'));
    this.assets = ASSETS();
    this.server = createServer({ cert: pem, key: pem }, (from, to) => void this.pass(from, to).catch(() => to.writeHead(502).end()));
    this.server.on('upgrade', (from, socket, head) => this.pipe(from, socket, head));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get rules() {
    return [`--host-resolver-rules=MAP *.trycloudflare.com:443 127.0.0.1:${this.server.address().port}`, '--ignore-certificate-errors'];
  }

  get behind() {
    const [host, port] = this.edge.ready.public.split(':');
    return { host, port: Number(port), rejectUnauthorized: false };
  }

  /** A line as it is, to the edge. */
  pipe(from, socket, head) {
    const line = connect({ ...this.behind, servername: from.headers.host }, () => {
      const headers = from.rawHeaders.reduce((text, part, at) => text + part + (at % 2 === 0 ? ': ' : '\r\n'), '');
      line.write(`${from.method} ${from.url} HTTP/1.1\r\n${headers}\r\n`);
      line.write(head);
      line.pipe(socket).pipe(line);
    });
    const end = () => {
      line.destroy();
      socket.destroy();
    };
    for (const one of [line, socket]) one.on('error', end).on('close', end);
  }

  async pass(from, to) {
    const url = new URL(from.url, 'https://front');
    const plain = this.build ? url.pathname.replace(`.${this.build}.`, '.') : url.pathname;
    // A build has its own files and no others.
    if (this.build && plain === url.pathname && this.assets.includes(plain.split('/').at(-1))) return to.writeHead(404).end();
    const asked = request({ ...this.behind, servername: from.headers.host, method: from.method, path: plain, headers: { ...from.headers, 'accept-encoding': 'identity' } });
    asked.end();
    const [answer] = await once(asked, 'response');
    const bytes = Buffer.concat(await answer.toArray());
    const ending = ['/', '/p'].includes(plain) ? 'html' : plain.split('.').at(-1);
    const body = this.build && ending in TYPES ? this.renamed(plain, bytes.toString()) : bytes;
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
    to.writeHead(answer.statusCode, headers).end(body);
  }

  renamed(path, text) {
    let body = text;
    for (const file of this.assets) body = body.replaceAll(file, file.replace(/\.(\w+)$/, `.${this.build}.$1`));
    return path === '/worker.js' ? body.replace(/(const OWN = PLACE \+ ")/, `$1${this.build}`) : body;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Which build a page is of; the empty word for the one that was built. */
export const buildOf = (page) => page.evaluate(() => /\.(\w+)\.js$/.exec(document.querySelector('script[type=module][src]').src)?.[1] ?? '');

/** As the browser does it by itself now and then. */
export const lookForUpdate = (page) => page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));
