// A push service and what a browser does with it: Chromium has none without its maker's, so its messages are opened here
// (RFC 8291) and given to the real service worker by the browser's own tools.
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';

export class PushService {
  constructor() {
    this.keys = createECDH('prime256v1');
    this.keys.generateKeys();
    this.auth = randomBytes(16);
    this.waiting = [];
    this.taken = [];
    /** What the browser said of each that was given to it. */
    this.said = [];
  }

  async start() {
    this.server = createServer((request, response) => void this.take(request, response)).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.endpoint = `http://127.0.0.1:${this.server.address().port}/push/phone`;
    return this;
  }

  async take(request, response) {
    const body = Buffer.concat(await request.toArray());
    const text = this.open(body).trimEnd();
    this.taken.push({ at: new Date().toISOString(), headers: request.headers, message: JSON.parse(text) });
    this.waiting.push(text);
    response.writeHead(201).end();
    await this.flush();
  }

  open(body) {
    const salt = body.subarray(0, 16);
    const length = body[20];
    const sender = body.subarray(21, 21 + length);
    const own = this.keys.getPublicKey();
    const derive = (secret, salt, info, size) => Buffer.from(hkdfSync('sha256', secret, salt, info, size));
    const ikm = derive(this.keys.computeSecret(sender), this.auth, Buffer.concat([Buffer.from('WebPush: info\0'), own, sender]), 32);
    const key = derive(ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = derive(ikm, salt, 'Content-Encoding: nonce\0', 12);
    const sealed = body.subarray(21 + length);
    const cipher = createDecipheriv('aes-128-gcm', key, nonce);
    cipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }

  /** Puts this service in the place of the browser's own, in all pages of this context. */
  async serve(context) {
    await context.addInitScript(([endpoint, p256dh, auth]) => {
      let current = null;
      const made = (options) => ({
        endpoint, options: { applicationServerKey: options.applicationServerKey.buffer }, unsubscribe: async () => ((current = null), true),
        toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
      });
      PushManager.prototype.subscribe = async (options) => (current = made(options));
      PushManager.prototype.getSubscription = async () => current;
    }, [this.endpoint, this.keys.getPublicKey('base64url'), this.auth.toString('base64url')]);
  }

  /** From now on messages are delivered to the worker of this page's origin. */
  async deliver(page) {
    const origin = new URL(page.url()).origin;
    const cdp = await page.context().newCDPSession(page);
    const registration = new Promise((done) => {
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const own = registrations.find((one) => one.scopeURL.startsWith(origin) && !one.isDeleted);
        if (own) done(own.registrationId);
      });
    });
    await cdp.send('ServiceWorker.enable');
    const registrationId = await registration;
    cdp.on('ServiceWorker.workerErrorReported', ({ errorMessage }) => this.said.push(errorMessage.errorMessage));
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => this.said.push(...versions.map(({ runningStatus, status }) => `${new Date().toISOString()} the worker is ${status}, ${runningStatus}`)));
    this.give = (data) => cdp.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
    await this.flush();
  }

  async flush() {
    while (this.give && this.waiting.length > 0) {
      const { give } = this;
      await give(this.waiting.shift()).catch((error) => {
        // A phone that was switched off meanwhile takes nothing.
        if (this.give === give) throw error;
      });
    }
  }

  /** The phone is switched off. */
  leave() {
    this.give = undefined;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The worker of the page's origin. */
export const workerOf = (context) => context.serviceWorkers()[0];

/** What the phone shows. */
export const shown = (context) =>
  workerOf(context).evaluate(async () =>
    (await registration.getNotifications()).map(({ title, body, tag, actions, data }) => ({ title, body, tag, data, actions: actions?.map(({ action }) => action) ?? [] })));

/** A finger on a notification, or on one of its buttons. */
export const tapOn = (context, tag, action = '') =>
  workerOf(context).evaluate(async ([tag, action]) => {
    const [notification] = await registration.getNotifications({ tag });
    dispatchEvent(new NotificationEvent('notificationclick', { notification, action }));
  }, [tag, action]);
