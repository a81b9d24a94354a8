/* The exported page: one map, a side card, a search box, print, language. Runs from a file, without a network. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const element = Roadseam.element;
  const MOST_RESULTS = 40;

  const WORDS = {
    search: { zh: '搜索路名、收费站、编号', en: 'Search road, station, number' },
    none: { zh: '没有找到', en: 'Nothing found' },
    print: { zh: '打印', en: 'Print' },
    all: { zh: '全图', en: 'Whole map' },
    about: { zh: '此图', en: 'This map' },
    hint: { zh: '点选道路、收费站或界点，查看它归谁、为什么。按住 B 看之前，N / P 逐个发现，Esc 取消选择。', en: 'Click a road, station or seam to see whose it is, and why. Hold B for before, N / P walk the findings, Esc clears.' },
    length: { zh: '长度', en: 'Length' },
    kind: { zh: '类别', en: 'Kind' },
    id: { zh: '编号', en: 'Id' },
    number: { zh: '路线编号', en: 'Route' },
    unnamed: { zh: '（无名道路）', en: '(unnamed)' },
  };

  function line(label, value) {
    return element('div', 'roadseam-line', [element('dt', '', [label]), element('dd', '', [element('bdi', '', [value])])]);
  }

  class Page {
    constructor(map, layer) {
      this.map = map;
      this.layer = layer;
      this.file = layer._file;
      this.language = 'zh';
      this.find = (name) => document.getElementById('roadseam-' + name);
      this.find('query').addEventListener('input', () => this.search());
      this.find('query').addEventListener('keydown', (event) => { if (event.key === 'Escape') this.find('results').hidden = true; });
      document.addEventListener('pointerdown', (event) => {
        if (!event.target.closest('.roadseam-find')) this.find('results').hidden = true;
      });
      this.find('query').addEventListener('focus', () => this.search());
      this.find('print').addEventListener('click', () => window.print());
      this.find('all').addEventListener('click', () => layer.fitAll());
      this.find('language').addEventListener('click', () => this.speak(this.language === 'zh' ? 'en' : 'zh'));
      layer.on('roadseam', () => this.showCard());
      this.speak('zh');
    }

    word(key) { return Roadseam.say(WORDS[key], this.language); }

    speak(language) {
      this.language = language;
      document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
      const title = Roadseam.show(Roadseam.say(this.file.meta.title, language), 60);
      document.title = title;
      this.find('title').textContent = title;
      this.find('query').placeholder = this.word('search');
      this.find('print').textContent = this.word('print');
      this.find('all').textContent = this.word('all');
      this.find('language').textContent = language === 'zh' ? 'English' : '中文';
      Roadseam.setLanguage(this.map, language);
      this.search();
      this.showCard();
    }

    showCard() {
      const card = this.find('card'), chosen = this.layer.selection();
      card.replaceChildren();
      if (!chosen) { this.showAbout(card); return; }
      const { table, row } = chosen, style = table.head.styles[table.style[row]];
      const name = Roadseam.show(table.name(row), 200) || (table.lines ? this.word('unnamed') : Roadseam.show(table.id(row), 80));
      card.append(element('p', 'roadseam-kicker', [Roadseam.show(Roadseam.say(table.title, this.language), 40)]));
      card.append(element('h2', '', [element('bdi', '', [name])]));
      const list = element('dl', '');
      list.append(line(this.word('kind'), Roadseam.show(Roadseam.say(style.label, this.language), 60)));
      if (table.lines && table.ref(row)) list.append(line(this.word('number'), Roadseam.show(table.ref(row), 60)));
      const metres = table.lines ? table.metres(row) : null;
      if (metres !== null) list.append(line(this.word('length'), Math.round(metres) + ' m'));
      for (const item of table.card(row, this.language)) list.append(line(Roadseam.show(item.label, 40), Roadseam.show(item.value, 600)));
      list.append(line(this.word('id'), Roadseam.show(table.id(row), 120)));
      card.append(list);
    }

    showAbout(card) {
      card.append(element('p', 'roadseam-kicker', [this.word('about')]), element('h2', '', [Roadseam.show(Roadseam.say(this.file.meta.title, this.language), 200)]));
      const list = element('dl', '');
      for (const [label, value] of this.file.meta.lines) list.append(line(Roadseam.show(Roadseam.say(label, this.language), 40), Roadseam.show(value, 600)));
      card.append(list, element('p', 'roadseam-hint', [this.word('hint')]));
    }

    /* One hit a name, the longest line standing for the road. */
    results(query) {
      const found = new Map();
      const tables = [...this.file.tables].sort((a, b) => a.lines - b.lines);
      for (const table of tables) {
        for (let row = 0; row < table.n; row++) {
          const name = table.name(row), ref = table.lines ? table.ref(row) : '';
          const text = [ref, name].filter(Boolean).join(' ');
          if (!text || !text.toLowerCase().includes(query)) continue;
          const key = table.key + '\u0000' + text;
          const rows = found.get(key);
          if (rows) rows.rows.push(row);
          else found.set(key, { table, rows: [row], text });
        }
      }
      return [...found.values()].slice(0, MOST_RESULTS);
    }

    search() {
      const box = this.find('results'), query = this.find('query').value.trim().toLowerCase();
      box.replaceChildren();
      box.hidden = !query;
      if (!query) return;
      const results = this.results(query);
      for (const result of results) {
        const button = element('button', '', [element('bdi', '', [Roadseam.show(result.text, 40)]),
          element('span', '', [Roadseam.show(Roadseam.say(result.table.title, this.language), 20)])]);
        button.type = 'button';
        button.addEventListener('click', () => { this.goTo(result); box.hidden = true; });
        box.append(button);
      }
      if (!results.length) box.append(element('p', '', [this.word('none')]));
    }

    goTo({ table, rows }) {
      const metres = (row) => (table.lines ? table.metres(row) || 0 : 0);
      const row = rows.reduce((best, one) => (metres(one) > metres(best) ? one : best), rows[0]);
      let bounds = null;
      for (const one of rows) {
        const from = table.lines ? table.ptr[one] : one, to = table.lines ? table.ptr[one + 1] : one + 1;
        for (let k = from; k < to; k++) {
          const at = this.map.unproject(L.point(table.x[k] * 256, table.y[k] * 256), 0);
          bounds = bounds ? bounds.extend(at) : L.latLngBounds(at, at);
        }
      }
      if (!bounds) return;
      this.layer._state.hidden.set(table.key, false);
      this.map.fitBounds(bounds, { padding: [60, 60], maxZoom: 16, animate: false });
      this.layer.choose(table, row, bounds.getCenter());
      Roadseam.updatePanel(this.map);
    }
  }

  Roadseam.openExport = function (options) {
    const map = L.map('roadseam-map', { zoomSnap: 0.25, zoomDelta: 0.5, zoomControl: false, maxZoom: 19, minZoom: 3, preferCanvas: true });
    L.control.zoom({ position: 'topleft' }).addTo(map);
    map.setView([30, 110], 4);
    const layer = L.roadLayer({ element: 'roadseam-data' }, Object.assign({ fit: true }, options));
    layer.on('ready', () => { window.__roadseam.page = new Page(map, layer); });
    layer.addTo(map);
    window.__roadseam.map = map;
    window.__roadseam.layer = layer;
    for (const name of ['beforeprint', 'afterprint']) window.addEventListener(name, () => { map.invalidateSize({ animate: false }); });
  };
})();
