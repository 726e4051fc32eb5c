/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pages.js CHROMIUM FOLDER [SHOTS] -- TAP for t-pages.sh, which made the pages in FOLDER. */
'use strict';
const fs = require('fs');
const path = require('path');
const { Browser } = require(path.join(__dirname, 'browser.js'));

const [program, folder, shots] = process.argv.slice(2);
const NAMES = ['elbo', 'gain', 'reconstruction', 'kl_assignments', 'kl_weights', 'kl_components',
               'log_prior', 'log_likelihood', 'gap'];
let count = 0, failed = 0;

function report(what, fault) {
  console.log((fault ? 'not ok ' : 'ok ') + ++count + ' - ' + what);
  if (fault) {
    failed++;
    console.log('# ' + String(fault).replace(/\n/g, '\n# '));
  }
}

const same = (got, want) => got === want ? '' : 'got ' + got + ' where ' + want + ' is expected';
const wait = (time) => new Promise((done) => setTimeout(done, time));

/* The half-steps of one start in a trace file. */
function readTrace(name, k, start) {
  const lines = fs.readFileSync(path.join(folder, name + '.csv'), 'utf8').trim().split('\n');
  const title = lines[0].split(',');
  return lines.slice(1).map((line) => {
    const cell = line.split(',');
    return Object.fromEntries(title.map((t, i) => [t, cell[i]]));
  }).filter((r) => Number(r.k) === k && Number(r.start) === start);
}

const readModel = (name) => JSON.parse(fs.readFileSync(path.join(folder, name + '.model.json'), 'utf8'));

/* What the page shows now. */
const SHOWN = '({ step: Number(document.body.dataset.step), value: Number(slider.value),' +
  ' where: where.textContent, what: what.textContent,' +
  ' names: [...document.querySelectorAll("[data-name]")].filter((c) => c.offsetParent)' +
  '.map((c) => [c.dataset.name, c.dataset.value, c.textContent]),' +
  ' cells: [...document.querySelectorAll("[data-cell]")].map((c) => Number(c.dataset.value)),' +
  ' transforms: [...document.querySelectorAll(".ellipse")].map((e) => e.style.transform).join(),' +
  ' fills: [...document.querySelectorAll("circle.row")].map((e) => e.style.fill).join() })';

/* One number of the page against its cell of the trace file: all digits, and as it is written. */
function compareNumber(name, value, text, want) {
  if (want === '') return value === '' ? '' : name + ' is ' + value + ', unknown to the trace';
  if (Number(value) !== Number(want)) return name + ': ' + same(value, want);
  const written = Number(text.replace(/\u2212/g, '-'));
  const room = Math.abs(want) < 5e-5 ? 0.0051 * Math.abs(want) : 5.1e-7;
  return Math.abs(written - Number(want)) <= room ? '' : name + ' is written as ' + text;
}

function compareStep(shown, record, number) {
  const faults = [same(shown.step, number)];
  if (!shown.where.includes('Half-step ' + number + ' ') || !shown.what.startsWith(record.half + ':'))
    faults.push('the words are ' + shown.where + ' / ' + shown.what);
  shown.names.forEach(([name, value, text]) =>
    faults.push(compareNumber(name, value, text, record[name])));
  return faults.filter((f) => f).join('\n');
}

async function load(browser, name, at) {
  await browser.load(path.join(folder, name + '.html'), at);
  await wait(50);
}

/* Every half-step of the page by the arrow key, against the trace file. */
async function walk(browser, name, trace) {
  const faults = [], numbers = await browser.look('JSON.parse(records.textContent).steps.map((s) => s.n)');
  await browser.key('Home');
  for (const n of numbers) {
    const shown = await browser.look(SHOWN);
    const fault = compareStep(shown, trace[n - 1], n);
    if (fault) faults.push('half-step ' + n + ': ' + fault);
    if (shown.names.length < (trace[n - 1].gap === '' ? 6 : 7)) faults.push('too few numbers');
    await browser.key('ArrowRight');
  }
  if (numbers[0] !== 1 || numbers.length < Math.min(trace.length, 150) ||
      numbers[numbers.length - 1] !== trace.length) faults.push('half-steps are missing');
  report(name + ': ' + numbers.length + ' half-steps by key, all numbers as in the trace file',
         faults.slice(0, 5).join('\n'));
}

/* E moves colours only, M components only. */
async function moves(browser, name, trace) {
  const faults = [];
  await browser.key('Home');
  let before = await browser.look(SHOWN);
  for (let i = 1; i < Math.min(trace.length, 6); i++) {
    await browser.key('ArrowRight');
    const now = await browser.look(SHOWN);
    const moved = now.transforms !== before.transforms, coloured = now.fills !== before.fills;
    if (moved !== (trace[i].half === 'M') || (coloured && trace[i].half === 'M'))
      faults.push('half-step ' + (i + 1) + ': moved ' + moved + ', coloured ' + coloured);
    before = now;
  }
  if (!before.fills || !before.transforms) faults.push('no rows or no ellipses');
  report(name + ': M moves the ellipses, E does not', faults.join('\n'));
}

async function steer(browser, name, last) {
  const step = () => browser.look('Number(document.body.dataset.step)');
  const [x, y] = await browser.place('#slider', 0.01);
  const [half] = await browser.place('#slider', 0.5);
  await browser.mouse('mousePressed', x, y);
  await browser.mouse('mouseMoved', half, y);
  await browser.mouse('mouseReleased', half, y);
  const at = await step();
  report(name + ': the slider is dragged', Math.abs(at - (last + 1) / 2) <= 1 ? '' : 'at ' + at);
  await browser.key('ArrowLeft');
  report(name + ': the arrow key moves the slider that has the focus', same(await step(), at - 1));
  await browser.key('End');
  report(name + ': End', same(await step(), last));
  await browser.key('Home');
  report(name + ': Home', same(await step(), 1));
  await browser.click('#next');
  await browser.click('#next');
  await browser.click('#back');
  report(name + ': buttons', same(await step(), 2));
  await browser.look('document.activeElement.blur()');
  await browser.key(' ');
  report(name + ': space plays', same(await browser.look('play.getAttribute("aria-pressed")'), 'true'));
  await wait(1300);
  const played = await step();
  await browser.key(' ');
  report(name + ': and went on, and stops', played === 3 &&
         await browser.look('play.getAttribute("aria-pressed")') === 'false' ? '' : 'at ' + played);
  await browser.look('scrollTo(0, 0)');
  await browser.click('#stairs .hit:last-of-type');
  report(name + ': a click on the staircase', same(await step(), last));
  await browser.key('Home');
  const focused = [];
  await browser.look('document.activeElement.blur()');
  for (let i = 0; i < 10; i++) {
    await browser.key('Tab');
    focused.push(await browser.look('document.activeElement.id'));
  }
  report(name + ': tab reaches what can be used',
         ['play', 'next', 'slider', 'zoom'].every((id) => focused.includes(id)) ? '' : focused.join());
}

/* The page as a whole: nothing said on the console, nothing asked of a network, no wider than a phone. */
async function behaves(browser, name) {
  report(name + ': no complaint of the browser', browser.complaints.join('\n'));
  report(name + ': no request but for the page itself',
         browser.requests.filter((url) => !url.endsWith('/' + name + '.html') &&
                                          !url.includes('/' + name + '.html#')).join('\n'));
  for (const width of [360, 1000]) {
    await browser.size(width, 800);
    await wait(100);
    /* not innerWidth: a phone zooms out for what is too wide */
    const wide = await browser.look('document.documentElement.scrollWidth') - width;
    report(name + ': no wider than a window of ' + width, wide <= 0 ? '' : wide + ' too wide');
    if (shots) await browser.shot(path.join(shots, name + '-' + width + '.png'), true);
  }
  const size = fs.statSync(path.join(folder, name + '.html')).size;
  report(name + ': less than 2 MB', size < 2e6 ? '' : size);
}

/* The table of components at the end against the model file. */
async function endsAsModel(browser, name) {
  const model = readModel(name), shown = (await browser.look(SHOWN)).cells;
  const want = [model.components.map((c) => c.weight)].concat(
    (model.components[0].mean || []).map((_, j) => model.components.map((c) => c.mean[j]))).flat();
  const k = model.components.length, got = shown.slice(0, k).concat(shown.slice(2 * k));
  const bad = want.findIndex((v, i) => !(Math.abs(got[i] - v) <= 1e-9 * Math.abs(v)));
  report(name + ': the last half-step has the components of the model file',
         bad < 0 ? '' : 'number ' + bad + ': ' + same(got[bad], want[bad]));
}

async function lesson(browser, name) {
  await load(browser, name, '');
  const k = await browser.look('JSON.parse(records.textContent).k');
  const trace = readTrace(name, k, await browser.look('JSON.parse(records.textContent).start'));
  await walk(browser, name, trace);
  await endsAsModel(browser, name);
  if (name !== 'one' && name !== 'words') await moves(browser, name, trace);
  if (name === 'em') await steer(browser, name, trace.length);
  await load(browser, name, '#step=3');
  report(name + ': the address chooses the half-step',
         compareStep(await browser.look(SHOWN), trace[2], 3));
  await behaves(browser, name);
}

async function withoutScripts(browser) {
  await browser.send('Emulation.setScriptExecutionDisabled', { value: true });
  await load(browser, 'em', '');
  report('em: without scripts the table of half-steps is there, and no slider',
         await browser.look('lesson.hidden && document.querySelectorAll("#all tr").length === ' +
                            readTrace('em', 2, 1).length +
                            ' && document.querySelector("noscript").offsetHeight > 0')
           ? '' : 'no');
  await browser.send('Emulation.setScriptExecutionDisabled', { value: false });
}

async function standsStill(browser) {
  await browser.send('Emulation.setEmulatedMedia',
    { features: [{ name: 'prefers-reduced-motion', value: 'reduce' }] });
  await load(browser, 'em', '');
  const time = 'getComputedStyle(document.querySelector(".ellipse")).transitionDuration';
  report('em: nothing glides for those who asked for less motion', same(await browser.look(time), '0s'));
  await browser.send('Emulation.setEmulatedMedia', { features: [] });
  report('em: ellipses glide for others', same(await browser.look(time), '0.25s'));
}

async function keepsToItself(browser) {
  await load(browser, 'em', '');
  const refused = await browser.look('new Promise((done) => {' +
    'document.addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective));' +
    'new Image().src = "https://example.org/x.png"; setTimeout(() => done("nothing"), 2000); })');
  report('em: the page forbids what is not in it', same(refused, 'img-src'));
}

/* The radius of the ellipses, in units of the covariance: what holds 50 % and 95 %. */
async function radii(browser) {
  await load(browser, 'em', '');
  const got = await browser.look('[...document.querySelectorAll(".ellipse")].map((e) =>' +
    ' [e.classList.contains("outer"), e.r.baseVal.value,' +
    ' e.style.transform.slice(7).split(",").map(parseFloat)])');
  const wrong = got.filter(([outer, r]) =>
    !(Math.abs(r * r + 2 * Math.log(outer ? 0.05 : 0.5)) < 1e-5));
  report('em: ellipses hold 50 % and 95 %', got.length === 4 ? wrong.join('\n') : got.length);
}

/* The system is dark: light letters on a dark page, pictures on white. */
async function inTheDark(browser) {
  await browser.send('Emulation.setEmulatedMedia',
    { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
  for (const name of ['em', 'report']) {
    await load(browser, name, '');
    const [ink, paper, picture] = await browser.look('[getComputedStyle(document.body).color,' +
      ' getComputedStyle(document.body).backgroundColor,' +
      ' (document.querySelector("figure svg") || document.body).style && ' +
      ' document.querySelector("figure svg") ? ' +
      ' getComputedStyle(document.querySelector("figure svg")).backgroundColor : "none"]');
    const light = (c) => c.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765;
    report(name + ': dark where the system is',
           light(ink) > 0.8 && light(paper) < 0.2 && (picture === 'none' || light(picture) === 1)
             ? '' : [ink, paper, picture].join());
    if (shots) await browser.shot(path.join(shots, name + '-dark.png'), true);
  }
  await browser.send('Emulation.setEmulatedMedia', { features: [] });
}

async function theReport(browser) {
  await load(browser, 'report', '');
  const model = readModel('report');
  const shown = await browser.look('[...document.querySelectorAll("span[title]")].map((s) =>' +
                                   '[Number(s.title), s.textContent])');
  const want = [model.fit.elbo].concat(model.components.map((c) => c.weight),
    model.components.flatMap((c) => c.mean), model.selection.map((c) => c.elbo));
  const lost = want.filter((v) => !shown.some(([all]) => all === v));
  report('report: ' + want.length + ' numbers of the model file, with all digits', lost.join());
  const wrong = shown.filter(([all, text]) => {
    const first = Number(text.replace(/\u2212/g, '-').split(' ')[0]);
    return !(Math.abs(first - all) <= 0.06 * Math.abs(all) + 0.06);
  });
  report('report: numbers are written as they are', wrong.join('\n'));
  const cells = (heading, row, column) => browser.look('(() => {' +
    'const h = [...document.querySelectorAll("h2")].find((e) => e.textContent === ' +
    JSON.stringify(heading) + '); for (let e = h.nextElementSibling; e && e.tagName !== "H2"; ' +
    'e = e.nextElementSibling) for (const t of e.querySelectorAll("table")) {' +
    'const at = ' + JSON.stringify(column) + ' === "" ? 1 : [...t.querySelectorAll("thead th")]' +
    '.findIndex((c) => c.textContent.trim() === ' + JSON.stringify(column) + ');' +
    'if (at < 0) continue;' +
    'for (const r of t.querySelectorAll("tr")) if (r.cells[0].textContent.trim() === ' +
    JSON.stringify(row) + ') { const s = r.cells[at].querySelector("span[title]");' +
    'return s ? Number(s.title) : r.cells[at].textContent; } } return null; })()');
  const faults = [];
  for (const c of model.selection)
    for (const [title, value] of [['ELBO', c.elbo], ['+ log P', c.elbo + c.log_p],
                                  ['P(K | data)', c.probability]]) {
      const got = await cells('Selection', String(c.components), title);
      if (!(Math.abs(got - value) <= 1e-12 * Math.abs(value)))
        faults.push('K = ' + c.components + ', ' + title + ': ' + same(got, value));
    }
  report('report: each criterion stands under its heading', faults.join('\n'));
  /* the words say what is taken away */
  let sum = 0;
  for (const [name, term] of [['reconstruction', 1], ['\u2212 KL assignments', -1],
                              ['\u2212 KL weights', -1], ['\u2212 KL components', -1],
                              ['+ log prior', 1]]) {
    const value = await cells('Diagnostics', name, '');
    if (value === null) sum = NaN;
    sum += term * value;
  }
  report('report: the terms, with the signs before them, sum to the bound',
         Math.abs(sum - model.fit.elbo) < 1e-9 ? '' : same(sum, model.fit.elbo));
  const prior = await browser.look('document.body.textContent');
  report('report: the prior is there', /kappa \(learned\) 0\.01/.test(prior) && /alpha 1/.test(prior) ? '' : 'no');
  report('report: no script', await browser.look('document.scripts.length') === 0 ? '' : 'one');
  await behaves(browser, 'report');
}

(async () => {
  const browser = new Browser(program, folder);
  try {
    await browser.open();
    await browser.size(1000, 800);
    for (const name of ['em', 'map', 'vb', 'one', 'words']) await lesson(browser, name);
    await withoutScripts(browser);
    await standsStill(browser);
    await keepsToItself(browser);
    await radii(browser);
    await theReport(browser);
    await inTheDark(browser);
  } catch (error) {
    report('the browser does what it is told', error.stack);
  }
  console.log('1..' + count);
  await browser.close();
  process.exitCode = failed ? 1 : 0;
})();
