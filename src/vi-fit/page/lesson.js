/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One half-step of a fit at a time.  The numbers are the program's own records, as in its trace
   file; what is computed here is where to draw. */
(function () {
  'use strict';

  const records = JSON.parse(document.getElementById('records').textContent);
  const steps = records.steps, columns = records.columns, last = steps.length - 1;
  const bayes = records.method === 'vb';
  const find = (id) => document.getElementById(id);
  const slider = find('slider'), rows = find('rows'), stairs = find('stairs');
  const REACH = [Math.sqrt(2 * Math.log(2)), Math.sqrt(2 * Math.log(20))]; /* 50 %, 95 % */
  const LETTER = 7; /* the width of a digit, at most */
  const NEAR = 4; /* half-steps on each side of the present one, in "only around" */
  let now = 0, timer = null, soon = null;

  /* --- numbers as text ------------------------------------------------------------------------ */

  const withMinus = (text) => text.replace(/-/g, '\u2212');

  /* Six decimals; what would be 0 in them has an exponent. */
  function nats(value) {
    if (value === null) return '\u2013';
    const small = value !== 0 && Math.abs(value) < 5e-5;
    return withMinus(small ? value.toExponential(2) : (value + 0).toFixed(6));
  }

  function short(value) {
    if (value === null) return '\u2013';
    const size = Math.abs(value);
    if (size >= 1e6 || (size > 0 && size < 1e-4)) return withMinus(value.toExponential(2));
    return withMinus(value.toFixed(size >= 1000 ? 1 : size >= 100 ? 2 : size >= 10 ? 3 : 4));
  }

  /* All digits stay with the cell. */
  function put(cell, value, text) {
    cell.textContent = text;
    cell.dataset.value = value === null ? '' : String(value);
    cell.title = cell.dataset.value;
  }

  /* --- drawing -------------------------------------------------------------------------------- */

  function add(parent, name, attributes, text) {
    const element = document.createElementNS(parent.namespaceURI, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    return parent.appendChild(element);
  }

  const scale = (low, high, from, to) => (v) => from + (to - from) * (v - low) / (high - low);

  function ticks(low, high, most) {
    const rough = (high - low) / most, power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = power * [1, 2, 5, 10].find((lead) => lead * power >= rough * 0.9999999);
    const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10(step * 1.0000001))));
    const list = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
      list.push({ at: i * step, text: withMinus((i * step + 0).toFixed(digits)) });
    return list;
  }

  function axisOf(range, from, to) {
    const room = range[1] > range[0] ? 0 : 1, low = range[0] - room, high = range[1] + room;
    return Object.assign(scale(low, high, from, to), { low: low, high: high });
  }

  /* An empty picture of the size that it has on the screen, so that letters keep theirs, with room
     for the numbers of its axes; strip: room between the lower axis and where y begins. */
  function begin(svg, rangeX, rangeY, strip) {
    const wide = svg.clientWidth || 480, high = svg.clientHeight || 352;
    const f = { svg: svg, right: wide - 10, top: 10, bottom: high - 32 };
    svg.textContent = '';
    svg.setAttribute('viewBox', '0 0 ' + wide + ' ' + high);
    f.y = axisOf(rangeY, f.bottom - strip, f.top);
    f.ticksY = ticks(f.y.low, f.y.high, high / 50);
    f.left = 28 + LETTER * Math.max(...f.ticksY.map((t) => t.text.length));
    f.x = axisOf(rangeX, f.left, f.right);
    f.ticksX = ticks(f.x.low, f.x.high, wide / 80);
    return f;
  }

  /* Both axes with their ticks and names. */
  function axes(f, nameX, nameY) {
    const svg = f.svg, middle = (f.top + f.bottom) / 2;
    add(svg, 'path', { class: 'axis',
                       d: 'M' + f.left + ',' + f.top + 'V' + f.bottom + 'H' + f.right });
    f.ticksX.forEach((t) => {
      add(svg, 'path', { class: 'axis', d: 'M' + f.x(t.at) + ',' + f.bottom + 'v4' });
      add(svg, 'text', { x: f.x(t.at), y: f.bottom + 15, 'text-anchor': 'middle' }, t.text);
    });
    f.ticksY.forEach((t) => {
      add(svg, 'path', { class: 'axis', d: 'M' + f.left + ',' + f.y(t.at) + 'h-4' });
      add(svg, 'text', { x: f.left - 7, y: f.y(t.at) + 4, 'text-anchor': 'end' }, t.text);
    });
    add(svg, 'text', { x: (f.left + f.right) / 2, y: f.bottom + 29, 'text-anchor': 'middle' }, nameX);
    add(svg, 'text', { x: 12, y: middle, 'text-anchor': 'middle',
                       transform: 'rotate(-90 12 ' + middle + ')' }, nameY);
  }

  /* A group of which nothing stands out of the frame. */
  function clip(f, id) {
    const path = add(add(f.svg, 'defs', {}), 'clipPath', { id: id });
    add(path, 'rect', { x: f.left, y: 0, width: f.right - f.left, height: f.bottom });
    return add(f.svg, 'g', { 'clip-path': 'url(#' + id + ')' });
  }

  const colour = (k) => records.colours[k % records.colours.length];
  const isLight = (k) => [4, 5, 7].includes(k % 8);

  /* A colour between those of two components. */
  function mixed(first, second, share) {
    const part = (k, at) => parseInt(colour(k).slice(at, at + 2), 16);
    return 'rgb(' + [1, 3, 5].map((at) =>
      Math.round(share * part(first, at) + (1 - share) * part(second, at))).join(',') + ')';
  }

  /* --- rows and components -------------------------------------------------------------------- */

  const belief = () => records.beliefs[steps[now].belief];
  const q = () => records.q[steps[now].q];
  const valueAt = (b, row, k) => b.values[row * records.k + k];
  /* Rows of the table of components: the weight, the means, the standard deviations. */
  const meanOf = (b, column, k) => valueAt(b, 1 + column, k);
  const deviationOf = (b, column, k) => valueAt(b, 1 + columns.length + column, k);
  const covarianceOf = (b, i, j, k) =>
    b.covariances[k][Math.max(i, j) * (Math.max(i, j) + 1) / 2 + Math.min(i, j)];
  /* A component without a row shows nothing but its prior, or where it died. */
  const isEmpty = (k) => q().count[k] < 1 && q().count.some((n) => n >= 1);

  let view = null; /* what is drawn of the rows, to be moved from step to step */

  /* The range of the rows and of the ellipses of all half-steps, of which a quarter may stand out. */
  function rangeOf(column) {
    const all = columns[column].rows;
    const low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b));
    let left = low, right = high;
    records.beliefs.forEach((b) => {
      for (let k = 0; k < records.k; k++) {
        const reach = REACH[1] * deviationOf(b, column, k), mean = meanOf(b, column, k);
        left = Math.min(left, mean - reach);
        right = Math.max(right, mean + reach);
      }
    });
    const room = 0.25 * (high - low), edge = 0.04 * (high - low);
    return [Math.max(left, low - room) - edge, Math.min(right, high + room) + edge];
  }

  function forComponents(make) {
    const list = [];
    for (let k = 0; k < records.k; k++) list.push(make(k));
    return list;
  }

  /* The number of a component on its colour. */
  function addMark(parent, k) {
    const mark = add(parent, 'g', { class: 'mark' });
    add(mark, 'circle', { r: 10, fill: colour(k), stroke: '#fff', 'stroke-width': 2.5 });
    add(mark, 'text', { class: isLight(k) ? 'number dark' : 'number' }, k + 1);
    return mark;
  }

  function drawPlane(i, j) {
    const f = begin(rows, rangeOf(i), rangeOf(j), 0), x = f.x, y = f.y;
    axes(f, columns[i].name, columns[j].name);
    const inside = clip(f, 'inside');
    const radius = columns[i].rows.length > 600 ? 1.8 : 3;
    view = { points: columns[i].rows.map((v, n) =>
      add(inside, 'circle', { class: 'row', r: radius, cx: x(v), cy: y(columns[j].rows[n]) })) };
    const ellipses = forComponents((k) => REACH.map((r, outer) =>
      add(inside, 'circle', { class: outer ? 'ellipse outer' : 'ellipse', r: r, stroke: colour(k),
                              'vector-effect': 'non-scaling-stroke' })));
    const marks = forComponents((k) => addMark(inside, k));
    const perX = x(1) - x(0), perY = y(1) - y(0);
    /* the circle |u| = r becomes the points m + L u, where L L' is the covariance */
    view.move = () => {
      const b = belief();
      ellipses.forEach((pair, k) => {
        const l11 = Math.sqrt(covarianceOf(b, i, i, k)), l21 = covarianceOf(b, i, j, k) / l11;
        const l22 = Math.sqrt(Math.max(covarianceOf(b, j, j, k) - l21 * l21, 0));
        const at = [x(meanOf(b, i, k)), y(meanOf(b, j, k))];
        const map = [perX * l11, perY * l21, 0, perY * l22, at[0], at[1]];
        pair.forEach((e) => {
          e.style.transform = 'matrix(' + map.join(',') + ')';
          e.style.display = isEmpty(k) ? 'none' : '';
        });
        marks[k].style.transform = 'translate(' + at[0] + 'px,' + at[1] + 'px)';
        marks[k].style.display = isEmpty(k) ? 'none' : '';
      });
    };
  }

  function density(b, i, k, v) {
    const sd = deviationOf(b, i, k), u = (v - meanOf(b, i, k)) / sd;
    return valueAt(b, 0, k) * Math.exp(-0.5 * u * u) / (sd * Math.sqrt(2 * Math.PI));
  }

  /* One column: bars of the rows, weighted densities of the components and their sum. */
  function drawLine(i) {
    const range = rangeOf(i), column = columns[i], strip = 14;
    const top = column.bars.reduce((a, b) => Math.max(a, b));
    const f = begin(rows, range, [0, 1.5 * top], strip), x = f.x, y = f.y, ground = y(0);
    axes(f, column.name, 'density');
    const inside = clip(f, 'inside');
    column.bars.forEach((v, n) => add(inside, 'rect', {
      class: 'bar', x: x(column.low + n * column.width), y: y(v),
      width: Math.max(x(column.width) - x(0) - 1, 1), height: ground - y(v) }));
    /* rows lie in a strip, apart by their number so that equal ones are seen */
    view = { points: column.rows.map((v, n) => add(inside, 'circle', {
      class: 'row', r: 2.2, cx: x(v), cy: ground + 3 + (n * 7) % (strip - 4) })) };
    const all = add(inside, 'path', { class: 'curve all' });
    const curves = forComponents((k) => add(inside, 'path', { class: 'curve',
                                                                      stroke: colour(k) }));
    const marks = forComponents((k) => addMark(inside, k));
    view.move = () => {
      const b = belief(), path = curves.map(() => ''), POINTS = 240;
      let sum = '';
      for (let n = 0; n <= POINTS; n++) {
        const v = range[0] + (range[1] - range[0]) * n / POINTS, begun = n ? 'L' : 'M';
        let total = 0;
        for (let k = 0; k < records.k; k++) {
          const d = density(b, i, k, v);
          total += d;
          path[k] += begun + x(v).toFixed(1) + ',' + Math.max(y(d), -1e4).toFixed(1);
        }
        sum += begun + x(v).toFixed(1) + ',' + Math.max(y(total), -1e4).toFixed(1);
      }
      all.setAttribute('d', sum);
      curves.forEach((c, k) => {
        const mean = meanOf(b, i, k), high = Math.max(y(density(b, i, k, mean)), f.top + 10);
        c.setAttribute('d', path[k]);
        marks[k].style.transform = 'translate(' + x(mean) + 'px,' + high + 'px)';
        marks[k].style.display = c.style.display = isEmpty(k) ? 'none' : '';
      });
    };
  }

  function drawRows() {
    if (!columns.length) return;
    const i = Number(find('across').value), up = find('up').value;
    const plane = up !== 'density' && Number(up) !== i;
    if (plane) drawPlane(i, Number(up));
    else drawLine(i);
    find('rows-caption').textContent = plane
      ? 'Rows in the colours of the components that q(z) gives them to; ellipses that hold 50 % ' +
        '(line) and 95 % (dashes) of each component.'
      : 'Grey: histogram of the rows. Lines: density of each component times its weight; dashes: ' +
        'their sum. Dots: rows in the colours that q(z) gives them.';
    moveRows();
  }

  function moveRows() {
    if (!view) return;
    const tone = q().tone, value = (at) => records.letters.indexOf(tone[at]);
    view.points.forEach((point, n) => {
      point.style.fill = mixed(value(3 * n), value(3 * n + 1), value(3 * n + 2) / 63);
    });
    view.move();
  }

  /* --- the staircase -------------------------------------------------------------------------- */

  /* Where the bound would touch; the bound itself where nobody knows. */
  const touch = (s) => s.gap === null ? s.elbo : s.elbo + s.gap;

  /* Ticks at 1, 10, 20, ...; where half-steps are left out, at every so many of those that are
     there. */
  function ticksOfSteps(part, from, wide) {
    const whole = part.every((s, i) => s.n === part[0].n + i);
    const each = [1, 2, 5, 10, 20, 50, 100, 200].find((n) => n * wide >= 45) || 500;
    const near = (i) => (each - part[i].n % each) * wide < 30;
    return part.map((s, i) => ({ at: from + i, text: String(s.n) }))
      .filter((t, i) => whole ? part[i].n % each === 0 || (i === 0 && !near(0)) : i % each === 0);
  }

  function drawStairs() {
    const near = find('zoom').checked;
    const from = near ? Math.max(0, Math.min(now - NEAR, last - 2 * NEAR)) : 0;
    const to = near ? Math.min(last, from + 2 * NEAR) : last;
    const part = steps.slice(from, to + 1);
    /* gaps shrink fast: nearby, the present one and its neighbours set the scale */
    const scaled = near ? steps.slice(Math.max(now - 1, 0), now + 2) : part;
    const low = scaled.reduce((a, s) => Math.min(a, s.elbo), Infinity);
    const high = scaled.reduce((a, s) => Math.max(a, touch(s)), -Infinity);
    const room = 0.08 * Math.max(high - low, 1e-12 * Math.max(1, Math.abs(low)));
    const f = begin(stairs, [from - 0.5, to + 0.5], [low - room, high + room], 0);
    const x = f.x, y = f.y, wide = x(1) - x(0), inside = clip(f, 'inside-stairs');
    f.ticksX = ticksOfSteps(part, from, wide);
    const column = (at) => ({ x: x(at - 0.5), y: f.top, width: wide, height: f.bottom - f.top });
    add(inside, 'rect', Object.assign({ class: 'present' }, column(now)));
    let bound = '', likelihood = '';
    part.forEach((s, i) => {
      const at = from + i, ends = x(at - 0.5) + ',';
      bound += (i ? 'L' : 'M') + ends + y(s.elbo) + 'h' + wide;
      likelihood += (i ? 'L' : 'M') + ends + y(touch(s)) + 'h' + wide;
      if (s.gap > 0)
        add(inside, 'rect', { class: 'gap', x: x(at - 0.5) + 0.2 * wide, y: y(touch(s)),
                              width: 0.6 * wide, height: Math.max(y(s.elbo) - y(touch(s)), 0) });
    });
    if (!bayes) add(inside, 'path', { class: 'touch', d: likelihood });
    add(inside, 'path', { class: 'bound', d: bound });
    add(inside, 'circle', { class: 'here', r: 5, cx: x(now), cy: y(steps[now].elbo) });
    axes(f, 'half-step', 'nats');
    part.forEach((s, i) => {
      add(stairs, 'rect', Object.assign({ class: 'hit' }, column(from + i)))
        .addEventListener('click', () => go(from + i));
    });
  }

  /* --- words and numbers ---------------------------------------------------------------------- */

  /* Does the gain stand out of rounding? */
  const gains = (s) => s.gain > s.tau;
  const gained = (s) => s.gain === null ? '' :
    gains(s) ? ' The ELBO rises by ' + nats(s.gain) + '.' : ' The ELBO stands, to rounding.';

  const gapOf = (s) => s.gap > s.tau ? nats(s.gap) : '0';

  function sayPoint(s, first) {
    const name = records.method === 'map' ? 'log-posterior' : 'log-likelihood';
    if (s.half === 'E')
      return 'E: q(z) is set to the posterior of the labels at these parameters. The rows change ' +
        'their colours, the components stand.' + gained(s) + ' It touches the ' + name +
        ': the gap closes to ' + gapOf(s) + '.';
    if (s.half === 'H')
      return 'H: the prior, how wide a component is expected to be, is set to its best for this ' +
        'parameters, which stand. Only the log prior changes.' + gained(s);
    if (first)
      return 'M: the start decided which rows belong together, and the parameters are the best for ' +
        'that q(z). It is not the posterior at these parameters, so the ELBO stays ' +
        gapOf(s) + ' below the ' + name + '.';
    return 'M: the parameters move to their best for this q(z), which stands.' + gained(s) +
      (gains(s) ? ' The ' + name + ' rises by more, for q(z) is no longer the posterior: the gap ' +
        'opens to ' : ' The gap is ') + gapOf(s) + '.';
  }

  function sayBelief(s, first) {
    const falls = gains(s) ? ' The KL from q to the posterior falls by as much.' : '';
    if (s.half === 'E')
      return 'E: q(z) is set to its best for this q(\u03b8). Reconstruction and KL of the ' +
        'assignments change, the other terms stand.' + gained(s) + falls;
    if (s.half === 'H')
      return 'H: the prior, how wide a component is expected to be, is set to its best for this ' +
        'q(\u03b8), which stands. The KL of the components changes, the other terms stand.' +
        gained(s) + falls;
    if (first)
      return 'M: the start decided which rows belong together, and q(\u03b8) is the best belief ' +
        'about weights and components for that q(z).';
    return 'M: q(\u03b8), the belief about weights and components, is set to its best for this ' +
      'q(z), which stands. All terms change.' + gained(s) + falls;
  }

  function say(s) {
    const first = s.half === 'M' && s.gain === null;
    const text = s.half === 'X'
      ? 'X: the last passes gained ever less in the same way; the parameters are extrapolated, and set ' +
        'to their best for the q(z) there.' + gained(s)
      : s.half === 'V' && s.move !== 'reorder'
      ? 'V: a move (' + s.move + ') to a place where the ELBO is higher.' + gained(s)
      : s.half === 'V'
      ? 'V: the components are renumbered in the order that their prior likes best, and q(\u03b8) ' +
        'is set anew.' + gained(s)
      : bayes ? sayBelief(s, first) : sayPoint(s, first);
    return text + (now === last && records.converged
      ? ' Here the fit stopped: two passes running gained next to nothing.' : '');
  }

  function showNumbers() {
    const s = steps[now], b = belief(), count = q().count;
    document.querySelectorAll('[data-name]').forEach((cell) => {
      const value = s[cell.dataset.name];
      put(cell, value, nats(value));
    });
    document.querySelectorAll('[data-cell]').forEach((cell) => {
      const place = cell.dataset.cell.split(',');
      const value = place[0] === 'count' ? count[place[1]] : valueAt(b, Number(place[0]),
                                                                     Number(place[1]));
      put(cell, value, short(value));
    });
    document.querySelectorAll('#all tr').forEach((row, i) => {
      if (i === now) row.setAttribute('aria-current', 'step');
      else row.removeAttribute('aria-current');
    });
  }

  function show() {
    const s = steps[now];
    const where = 'Half-step ' + s.n + ' of ' + records.total + ': ' + s.half + ', pass ' + s.pass;
    document.body.dataset.step = s.n;
    slider.value = now;
    slider.setAttribute('aria-valuetext', where + ', ELBO ' + nats(s.elbo));
    find('where').textContent = where;
    find('what').textContent = say(s);
    find('back').disabled = now === 0;
    find('next').disabled = now === last;
    showNumbers();
    moveRows();
    drawStairs();
  }

  /* --- moving --------------------------------------------------------------------------------- */

  /* The address keeps the place, a little later: browsers dislike many changes in a second. */
  function remember() {
    clearTimeout(soon);
    soon = setTimeout(() => history.replaceState(null, '', '#step=' + steps[now].n), 300);
  }

  function go(to) {
    now = Math.max(0, Math.min(last, to));
    show();
    remember();
  }

  /* "#step=7": the half-step of this number, or the last before it that is here. */
  function goToAddress() {
    const match = /^#step=(\d+)$/.exec(location.hash);
    if (!match) return;
    now = Math.max(0, steps.filter((s) => s.n <= Number(match[1])).length - 1);
    show();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    find('play').textContent = 'Play';
    find('play').setAttribute('aria-pressed', 'false');
    find('what').setAttribute('aria-live', 'polite');
  }

  function play() {
    if (timer !== null) { stop(); return; }
    if (now === last) go(0);
    find('play').textContent = 'Pause';
    find('play').setAttribute('aria-pressed', 'true');
    find('what').setAttribute('aria-live', 'off'); /* a reader could not keep up */
    timer = setInterval(() => {
      go(now + 1);
      if (now === last) stop();
    }, 1000);
  }

  /* Keys do the same wherever the focus is, but for what needs them itself. */
  function press(event) {
    const at = event.target, name = at.tagName;
    if (event.altKey || event.ctrlKey || event.metaKey || name === 'SELECT') return;
    if (event.key === ' ' && at !== slider && /^(BUTTON|INPUT|SUMMARY|A)$/.test(name)) return;
    const moves = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: last };
    if (event.key === ' ') play();
    else if (event.key in moves) { stop(); go(moves[event.key]); }
    else return;
    event.preventDefault();
  }

  function fillChoices() {
    const across = find('across'), up = find('up');
    columns.forEach((column, i) => {
      add(across, 'option', { value: i }, column.name);
      add(up, 'option', { value: i }, column.name);
    });
    add(up, 'option', { value: 'density' }, 'density');
    up.value = columns.length > 1 ? 1 : 'density';
    /* hidden, but in its place, so that both pictures stand at one height */
    if (columns.length < 2) across.parentElement.parentElement.style.visibility = 'hidden';
    [across, up].forEach((choice) => choice.addEventListener('change', drawRows));
  }

  function listen() {
    slider.addEventListener('input', () => { stop(); go(Number(slider.value)); });
    find('back').addEventListener('click', () => { stop(); go(now - 1); });
    find('next').addEventListener('click', () => { stop(); go(now + 1); });
    find('play').addEventListener('click', play);
    find('zoom').addEventListener('change', drawStairs);
    document.addEventListener('keydown', press);
    window.addEventListener('hashchange', goToAddress);
    window.addEventListener('resize', () => { drawRows(); drawStairs(); });
  }

  document.querySelectorAll('[data-for]').forEach((part) => {
    part.hidden = !part.dataset.for.split(' ').includes(records.method);
  });
  find('lesson').hidden = false;
  find('rows-panel').hidden = columns.length === 0;
  slider.max = last;
  if (columns.length) fillChoices();
  listen();
  show();
  drawRows();
  goToAddress();
}());
