/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A browser under remote control: Chromium, its DevTools protocol through a pipe, no packages. */
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');

const PATIENCE = 20000; /* milliseconds for one answer */

/* What counts as a complaint of the page. */
function complaintOf(message) {
  const p = message.params;
  switch (message.method) {
    case 'Runtime.exceptionThrown':
      return p.exceptionDetails.exception ? p.exceptionDetails.exception.description
                                          : p.exceptionDetails.text;
    case 'Runtime.consoleAPICalled':
      return p.type + ': ' + p.args.map((a) => a.value || a.description).join(' ');
    case 'Log.entryAdded':
      return p.entry.level + ': ' + p.entry.text;
    default:
      return null;
  }
}

class Browser {
  constructor(program, folder) {
    this.complaints = [];
    this.requests = [];
    this.waiting = new Map();
    this.number = 0;
    this.process = spawn(program, ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage', '--hide-scrollbars', '--user-data-dir=' + path.join(folder, 'profile'),
      '--remote-debugging-pipe', 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
        env: Object.assign({}, process.env, { HOME: folder, XDG_CONFIG_HOME: folder }) });
    let rest = '';
    this.process.stdio[4].on('data', (chunk) => {
      const parts = (rest + chunk).split('\0');
      rest = parts.pop();
      parts.forEach((text) => this.receive(JSON.parse(text)));
    });
    this.process.on('exit', () => {
      this.waiting.forEach((w) => w.fail(new Error('the browser ended')));
    });
  }

  receive(message) {
    const w = this.waiting.get(message.id);
    if (w) {
      this.waiting.delete(message.id);
      clearTimeout(w.timer);
      if (message.error) w.fail(new Error(w.method + ': ' + message.error.message));
      else w.done(message.result);
    } else if (message.method === 'Network.requestWillBeSent')
      this.requests.push(message.params.request.url);
    else if (message.method === 'Page.loadEventFired' && this.loaded)
      this.loaded();
    else if (complaintOf(message))
      this.complaints.push(complaintOf(message));
  }

  send(method, params) {
    const id = ++this.number;
    const message = { id, method, params: params || {} };
    if (this.session) message.sessionId = this.session;
    this.process.stdio[3].write(JSON.stringify(message) + '\0');
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(method + ': no answer')), PATIENCE);
      this.waiting.set(id, { method, done, fail, timer });
    });
  }

  async open() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.session = sessionId;
    for (const part of ['Page', 'Runtime', 'Log', 'Network']) await this.send(part + '.enable');
    await this.send('Network.emulateNetworkConditions',
      { offline: true, latency: 0, downloadThroughput: 0, uploadThroughput: 0 });
  }

  /* Load a file; what follows # in `at` is kept. */
  async load(file, at) {
    this.complaints = [];
    this.requests = [];
    const loaded = new Promise((done) => { this.loaded = done; });
    await this.send('Page.navigate', { url: 'about:blank' });
    await loaded;
    const again = new Promise((done) => { this.loaded = done; });
    this.requests = [];
    await this.send('Page.navigate', { url: 'file://' + path.resolve(file) + (at || '') });
    await again;
  }

  async size(width, height) {
    await this.send('Emulation.setDeviceMetricsOverride',
      { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  }

  /* The value of an expression in the page. */
  async look(expression) {
    const r = await this.send('Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true });
    if (r.exceptionDetails) throw new Error(expression + ': ' + JSON.stringify(r.exceptionDetails));
    return r.result.value;
  }

  /* A key as a keyboard sends it. */
  async key(name) {
    const code = { ArrowLeft: 37, ArrowRight: 39, Home: 36, End: 35, Tab: 9, ' ': 32 }[name];
    const key = { key: name, code: name === ' ' ? 'Space' : name, windowsVirtualKeyCode: code };
    if (name === ' ') key.text = ' ';
    await this.send('Input.dispatchKeyEvent', Object.assign({ type: 'keyDown' }, key));
    await this.send('Input.dispatchKeyEvent', Object.assign({ type: 'keyUp' }, key));
  }

  async mouse(type, x, y) {
    await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1,
                                                  clickCount: 1 });
  }

  /* Where an element is on the screen: the point at this share of its width. */
  async place(selector, share) {
    return this.look('(() => { const e = document.querySelector(' + JSON.stringify(selector) +
      '); e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect();' +
      'return [r.left + ' + share + ' * r.width, r.top + r.height / 2]; })()');
  }

  async click(selector) {
    const [x, y] = await this.place(selector, 0.5);
    await this.mouse('mousePressed', x, y);
    await this.mouse('mouseReleased', x, y);
  }

  async shot(file, whole) {
    const { data } = await this.send('Page.captureScreenshot',
      { format: 'png', captureBeyondViewport: whole === true });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async close() {
    delete this.session;
    await this.send('Browser.close').catch(() => {});
  }
}

module.exports = { Browser };
