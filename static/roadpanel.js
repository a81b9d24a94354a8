/* What stands around the map: legend, layer switch, before button, scale, footer; and the keys. All text by textContent. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const hooks = window.__roadseam;
  const maps = new Set();

  const WORDS = {
    legend: { zh: '图例', en: 'Legend' },
    layers: { zh: '图层', en: 'Layers' },
    before: { zh: '按住看之前 B', en: 'Hold for before B' },
    beforeOn: { zh: '正在显示：之前', en: 'Showing: before' },
    north: { zh: '北', en: 'N' },
    other: { zh: 'EN', en: '中' },
    copy: { zh: '复制链接', en: 'Copy link' },
    copied: { zh: '已复制', en: 'Copied' },
    selected: { zh: '选中', en: 'Selected' },
  };
  Roadseam.word = (key, language) => Roadseam.say(WORDS[key], language);

  /* Makes an element; a string child becomes a text node, never markup. */
  Roadseam.element = function (tag, className, children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    for (const child of children || []) node.append(child);
    return node;
  };
  const element = Roadseam.element;

  Roadseam.formatKm = function (metres) {
    const km = metres / 1000;
    return km === 0 ? '0' : km.toFixed(km < 10 ? 2 : 1) + ' km';
  };

  function legendRows(layer, state) {
    const rows = [];
    for (const table of layer.shownTables()) {
      const codes = state.before && table.before ? table.before : table.style;
      const counts = new Array(table.head.styles.length).fill(0);
      const sums = new Array(table.head.styles.length).fill(0);
      for (let i = 0; i < table.n; i++) counts[codes[i]] += 1;
      if (codes !== table.style && table.head.length_m) for (let i = 0; i < table.n; i++) sums[codes[i]] += table.metres(i);
      table.head.styles.forEach((style, s) => {
        if (!counts[s] || !Roadseam.say(style.label, state.lang)) return;
        const metres = table.head.length_m ? (codes === table.style ? table.head.length_m[s] : sums[s]) : null;
        rows.push({ table, style, count: counts[s], metres });
      });
    }
    return rows;
  }

  function swatch(row, theme) {
    const canvas = element('canvas', 'roadseam-swatch');
    if (row.table.lines) { Roadseam.paintSwatch(canvas, row.style, theme); return canvas; }
    const ratio = window.devicePixelRatio || 1;
    canvas.width = 40 * ratio; canvas.height = 18 * ratio;
    canvas.style.width = '40px'; canvas.style.height = '18px';
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    if (row.style.shape !== 'none') Roadseam.paintSymbol(pen, row.style, 20, 9, Math.min(6.5, row.style.radius_px), 0.9, theme);
    return canvas;
  }

  function fillLegend(panel, layer, state) {
    const rows = legendRows(layer, state);
    panel.legend.replaceChildren();
    panel.legend.hidden = !rows.length;
    const body = element('table', '');
    const fold = element('button', 'roadseam-fold');
    const tell = () => {
      body.hidden = Boolean(state.folded);
      fold.textContent = Roadseam.word('legend', state.lang) + (state.folded ? ' ▸' : ' ▾');
      fold.setAttribute('aria-expanded', String(!state.folded));
    };
    fold.type = 'button';
    fold.addEventListener('click', () => { state.folded = !state.folded; tell(); });
    for (const row of rows) {
      const letter = row.table.lines && row.style.letter ? Roadseam.show(row.style.letter, 4) + ' ' : '';
      const name = element('td', '', [element('bdi', '', [letter + Roadseam.show(Roadseam.say(row.style.label, state.lang), 24)])]);
      const amount = row.metres === null ? String(row.count) : Roadseam.formatKm(row.metres);
      body.append(element('tr', '', [element('td', '', [swatch(row, layer._file.theme)]), name, element('td', 'roadseam-number', [amount])]));
    }
    tell();
    panel.legend.append(fold, body);
  }

  function fillLayers(panel, layer, state) {
    panel.list.replaceChildren();
    for (const table of layer._file.tables) {
      const box = element('input', '');
      box.type = 'checkbox';
      box.checked = !state.hidden.get(table.key);
      box.addEventListener('change', () => {
        state.hidden.set(table.key, !box.checked);
        layer.redraw();
        fillLegend(panel, layer, state);
      });
      panel.list.append(element('label', '', [box, element('bdi', '', [Roadseam.show(Roadseam.say(table.title, state.lang), 24)])]));
    }
    panel.list.append(...Roadseam.baseRow(panel.map));
  }

  function holdButton(map) {
    const button = element('button', 'roadseam-before');
    button.type = 'button';
    button.addEventListener('pointerdown', () => Roadseam.setBefore(map, true));
    for (const name of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(name, () => Roadseam.setBefore(map, false));
    return button;
  }

  /* The address of the page around the map, with the view that only the map knows; null where there is no such page. */
  function permalink(map) {
    try {
      if (window.parent === window || !/^https?:$/.test(window.parent.location.protocol)) return null;
      const link = new URL(window.parent.location.href), at = map.getCenter();
      link.searchParams.set('view', [map.getZoom().toFixed(2), at.lat.toFixed(6), at.lng.toFixed(6)].join('/'));
      return link.href;
    } catch (error) { return null; }
  }
  Roadseam.permalink = permalink;

  function copyText(text) {
    const plain = () => {
      const box = element('textarea', '');
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand('copy');
      box.remove();
    };
    if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(text).catch(plain);
    else plain();
  }

  function linkButton(map) {
    const button = element('button', 'roadseam-link');
    button.type = 'button';
    button.hidden = permalink(map) === null;
    button.addEventListener('click', () => {
      hooks.copied = permalink(map);
      copyText(hooks.copied);
      button.textContent = Roadseam.word('copied', Roadseam.stateOf(map).lang);
    });
    button.addEventListener('pointerleave', () => { button.textContent = Roadseam.word('copy', Roadseam.stateOf(map).lang); });
    return button;
  }

  function build(map) {
    const panel = { map };
    panel.legend = element('div', 'roadseam-legend');
    panel.list = element('div', 'roadseam-list');
    panel.list.hidden = true;
    panel.layers = element('button', '');
    panel.layers.type = 'button';
    panel.layers.addEventListener('click', () => { panel.list.hidden = !panel.list.hidden; });
    panel.before = holdButton(map);
    panel.link = linkButton(map);
    panel.north = element('div', 'roadseam-north', [element('span', '', ['▲']), element('span', '')]);
    panel.tools = element('div', 'roadseam-tools', [element('div', 'roadseam-row', [panel.before, panel.link, panel.layers]), panel.list]);
    panel.footer = element('div', 'roadseam-footer', [element('span', 'roadseam-credit'), element('strong', '')]);
    panel.message = element('div', 'roadseam-message');
    panel.message.hidden = true;
    const container = map.getContainer();
    for (const part of [panel.legend, panel.tools, panel.north, panel.footer, panel.message]) {
      L.DomEvent.disableClickPropagation(part);
      L.DomEvent.disableScrollPropagation(part);
      container.append(part);
    }
    if (map.attributionControl) map.attributionControl.remove();
    panel.scale = L.control.scale({ imperial: false, position: 'bottomright', maxWidth: 120 }).addTo(map);
    maps.add(map);
    return panel;
  }

  /* Brings the panel up to date with the newest layer that wants one. */
  Roadseam.updatePanel = function (map) {
    if (!map) return;
    const state = Roadseam.stateOf(map);
    const panel = state.panel || (state.panel = build(map));
    const layer = state.layers.filter((one) => one._file && one.options.panel).pop();
    panel.tools.hidden = panel.legend.hidden = !layer;
    if (!layer) return;
    panel.message.hidden = true;
    fillLegend(panel, layer, state);
    fillLayers(panel, layer, state);
    panel.link.textContent = Roadseam.word('copy', state.lang);
    panel.layers.textContent = Roadseam.word('layers', state.lang);
    panel.before.hidden = !layer._file.tables.some((table) => table.before);
    panel.before.textContent = Roadseam.word(state.before ? 'beforeOn' : 'before', state.lang);
    panel.before.classList.toggle('is-on', state.before);
    panel.north.lastChild.textContent = Roadseam.word('north', state.lang);
    panel.footer.firstChild.textContent = layer._file.theme.attribution + Roadseam.baseCredit(map);
    panel.footer.lastChild.textContent = Roadseam.say(layer._file.theme.footer, state.lang);
  };

  Roadseam.showMessage = function (map, text) {
    const state = Roadseam.stateOf(map);
    const panel = state.panel || (state.panel = build(map));
    panel.message.textContent = text;
    panel.message.hidden = false;
  };

  Roadseam.setBefore = function (map, isOn) {
    const state = Roadseam.stateOf(map);
    if (state.before === isOn || !state.layers.some((layer) => layer._file && layer._file.tables.some((t) => t.before))) return;
    state.before = isOn;
    for (const layer of state.layers) layer.draw();
    Roadseam.updatePanel(map);
  };

  Roadseam.setLanguage = function (map, language) {
    const state = Roadseam.stateOf(map);
    state.lang = language;
    for (const layer of state.layers) layer.draw();
    Roadseam.updatePanel(map);
  };

  /* N and P walk through the findings of the file, if it has any, and tell the host in any case. */
  function step(layer, by) {
    const table = layer._file && layer._file.tables.find((one) => one.kind === 'finding' && one.n);
    if (!table) { layer.report(by > 0 ? 'next' : 'previous', '', layer._map.getCenter()); return; }
    const chosen = layer.selection();
    const at = chosen && chosen.table === table ? chosen.row : by > 0 ? -1 : table.n;
    const row = (at + by + table.n) % table.n;
    const k = table.lines ? table.ptr[row] : row;
    const latlng = layer._map.unproject(L.point(table.x[k] * 256, table.y[k] * 256), 0);
    layer._map.setView(latlng, Math.max(layer._map.getZoom(), 15), { animate: false });
    layer.choose(table, row, latlng);
  }

  function isTyping(target) { return target && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== 'checkbox'; }

  /* A page of ours around the map has a button for each of these keys and hears them as if pressed there; B is held
     down here, where the picture is. */
  const PLAIN = /^([1-9fnp]|escape)$/, WITH_CTRL = /^[syz]$/;
  function passOn(event, key) {
    try {
      const host = window.parent, isCtrl = event.ctrlKey || event.metaKey;
      if (host === window || event.altKey || !(isCtrl ? WITH_CTRL : PLAIN).test(key)) return false;
      if (!host.document.querySelector('.st-key-keys, .st-key-meet_strip')) return false;
      const { code, keyCode, ctrlKey, metaKey, shiftKey } = event;
      const same = { key: event.key, code, keyCode, which: keyCode, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true };
      event.preventDefault();
      for (const type of ['keydown', 'keyup']) host.document.body.dispatchEvent(new host.KeyboardEvent(type, same));
      return true;
    } catch (error) { return false; }
  }

  document.addEventListener('keydown', (event) => {
    const key = event.key.toLowerCase();
    if (isTyping(event.target) || (!event.repeat && passOn(event, key))) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    for (const map of maps) {
      const layer = Roadseam.stateOf(map).layers.filter((one) => one._file).pop();
      if (!layer) continue;
      if (key === 'b') Roadseam.setBefore(map, true);
      else if (key === 'escape') layer.clear();
      else if (key === 'n' && !event.repeat) step(layer, 1);
      else if (key === 'p' && !event.repeat) step(layer, -1);
    }
  });
  function release() { for (const map of maps) Roadseam.setBefore(map, false); }
  document.addEventListener('keyup', (event) => { if (event.key.toLowerCase() === 'b') release(); });
  window.addEventListener('blur', release);
})();
