/* Reads a map file (views/map/encode.py says how it is laid out) into typed arrays. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const VERSION = 1;
  const KEPT_FILES = 4;
  const SEGMENT = /^w(0|-?[1-9]\d{0,18})\/(0|-?[1-9]\d{0,18})-(0|-?[1-9]\d{0,18})$/;
  const cache = new Map();

  /* State for tests and for support: nothing in the page reads it. */
  window.__roadseam = window.__roadseam || { ready: false, drawn: 0, draw_ms: 0, errors: [], loads: 0, clicks: 0 };
  window.addEventListener('error', (event) => window.__roadseam.errors.push(String(event.message)));

  function bytesOfBase64(text) {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  async function gunzip(stream) {
    if (typeof DecompressionStream === 'undefined') {
      throw new Error('此浏览器版本过旧，请使用 Chrome/Edge 80、Firefox 113、Safari 16.4 或更新版本');
    }
    return new Uint8Array(await new Response(stream.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  }

  async function fetchBytes(source) {
    if (source.element) return gunzip(new Blob([bytesOfBase64(document.getElementById(source.element).textContent)]).stream());
    if (source.inline) return gunzip(new Blob([bytesOfBase64(source.inline)]).stream());
    const answer = await fetch(source.url);
    if (!answer.ok) throw new Error('地图数据无法读取（HTTP ' + answer.status + '），请刷新页面');
    return gunzip(answer.body);
  }

  /* Values below 2^53 as doubles; `delta` columns are summed on the way. */
  function unpackNumbers(bytes, offset, count, width, delta) {
    const out = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let k = width - 1; k >= 0; k--) value = value * 256 + bytes[offset + k * count + i];
      value = width && bytes[offset + i] & 1 ? -(value + 1) / 2 : value / 2;
      out[i] = delta ? (sum += value) : value;
    }
    return out;
  }

  function unpackBig(bytes, offset, count, width, delta) {
    const out = new BigInt64Array(count);
    let sum = 0n;
    for (let i = 0; i < count; i++) {
      let value = 0n;
      for (let k = width - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[offset + k * count + i]);
      value = value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
      out[i] = delta ? (sum = BigInt.asIntN(64, sum + value)) : value;
    }
    return out;
  }

  /* Web Mercator in units of the world's width. */
  function project(x, y) {
    for (let i = 0; i < x.length; i++) {
      const lat = Math.max(-85.06, Math.min(85.06, y[i] * 1e-6));
      const sine = Math.sin((lat * Math.PI) / 180);
      x[i] = (x[i] * 1e-6 + 180) / 360;
      y[i] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    }
  }

  class Table {
    constructor(head, bytes, start) {
      Object.assign(this, { key: head.key, kind: head.kind, title: head.title, shown: head.shown });
      this.lines = head.type === 'lines';
      this.n = head.rows;
      this.head = head;
      this.bytes = bytes;
      this.planes = {};
      let offset = start;
      for (const [name, count, width, delta] of head.planes) {
        this.planes[name] = { offset, count, width, delta };
        offset += count * width;
      }
      this.end = offset;
      this.x = this.numbers('x');
      this.y = this.numbers('y');
      project(this.x, this.y);
      this.style = Uint8Array.from(this.numbers('style'));
      if (this.lines) this.readLines();
    }

    numbers(name) {
      const p = this.planes[name];
      return p ? unpackNumbers(this.bytes, p.offset, p.count, p.width, p.delta) : null;
    }

    readLines() {
      const count = this.numbers('count');
      const ptr = (this.ptr = new Uint32Array(this.n + 1));
      for (let i = 0; i < this.n; i++) ptr[i + 1] = ptr[i] + count[i];
      this.rank = Uint8Array.from(this.numbers('rank'));
      this.before = this.planes.before ? Uint8Array.from(this.numbers('before')) : null;
      this.green = this.planes.green ? Uint8Array.from(this.numbers('green')) : null;
      const box = (this.box = new Float64Array(4 * this.n));
      for (let i = 0; i < this.n; i++) {
        let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
        for (let k = ptr[i]; k < ptr[i + 1]; k++) {
          if (this.x[k] < left) left = this.x[k];
          if (this.x[k] > right) right = this.x[k];
          if (this.y[k] < top) top = this.y[k];
          if (this.y[k] > bottom) bottom = this.y[k];
        }
        box[4 * i] = left; box[4 * i + 1] = top; box[4 * i + 2] = right; box[4 * i + 3] = bottom;
      }
    }

    /* Codes and texts are read when they are first asked for: the map draws before that. */
    text(plane, pool, row) {
      this.codes = this.codes || {};
      const codes = this.codes[plane] || (this.codes[plane] = this.numbers(plane));
      return codes ? pool[codes[row]] || '' : '';
    }

    name(row) {
      return this.lines ? this.text('names', this.head.names || [], row) : this.text('labels', this.head.labels, row);
    }

    ref(row) { return this.text('refs', this.head.refs || [], row); }

    metres(row) {
      if (!this.lengths) this.lengths = this.numbers('length');
      return this.lengths ? this.lengths[row] / 10 : null;
    }

    card(row, language) {
      return this.head.cards.map((card, k) => ({
        label: Roadseam.say(card.label, language),
        value: this.text('card' + k, language === 'en' && card.english.length ? card.english : card.pool, row),
      })).filter((line) => line.value);
    }

    id(row) {
      if (!this.oddIds) this.readIds();
      if (!this.way) return this.oddIds.get(row);
      const odd = this.oddIds.get(row);
      return odd !== undefined ? odd : 'w' + this.way[row] + '/' + this.node[2 * row] + '-' + this.node[2 * row + 1];
    }

    readIds() {
      const { odd, wide } = this.head;
      const p = this.planes;
      if (!p.way) { this.oddIds = new Map(odd.map((text, row) => [row, text])); return; }
      this.oddIds = new Map(odd);
      const unpack = wide ? unpackBig : unpackNumbers;
      this.way = unpack(this.bytes, p.way.offset, p.way.count, p.way.width, p.way.delta);
      this.node = unpack(this.bytes, p.node.offset, p.node.count, p.node.width, p.node.delta);
    }

    /* Ids stay numbers: a map of 200,000 texts would cost more than all lines together. */
    row(id) {
      if (!this.oddIds) this.readIds();
      const parts = this.way ? SEGMENT.exec(id) : null;
      if (parts) {
        const [way, from, to] = parts.slice(1).map(this.head.wide ? BigInt : Number);
        for (let i = 0; i < this.n; i++) {
          if (this.way[i] === way && this.node[2 * i] === from && this.node[2 * i + 1] === to && !this.oddIds.has(i)) return i;
        }
      }
      if (!this.rowOfOdd) this.rowOfOdd = new Map([...this.oddIds].map(([row, text]) => [text, row]));
      const row = this.rowOfOdd.get(id);
      return row === undefined ? -1 : row;
    }

    bounds() {
      let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
      for (let k = 0; k < this.x.length; k++) {
        if (this.x[k] < left) left = this.x[k];
        if (this.x[k] > right) right = this.x[k];
        if (this.y[k] < top) top = this.y[k];
        if (this.y[k] > bottom) bottom = this.y[k];
      }
      return left <= right ? [left, top, right, bottom] : null;
    }
  }

  function parse(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = String.fromCharCode(bytes[0], bytes[1], bytes[2], bytes[3]);
    if (magic !== 'RSMF' || view.getUint32(4, true) !== VERSION) throw new Error('地图数据版本不符，请重新生成');
    const length = view.getUint32(8, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
    let offset = 12 + length;
    const tables = header.tables.map((head) => {
      const table = new Table(head, bytes, offset);
      offset = table.end;
      return table;
    });
    return { header, theme: header.theme, meta: header.meta, tables };
  }

  /* A file that was read before is kept, so that a rerun of the page shows the same map at once. */
  Roadseam.readFile = function (source) {
    const key = source.url || source.element || source.inline;
    if (!cache.has(key)) {
      if (cache.size >= KEPT_FILES) cache.delete(cache.keys().next().value);
      const entry = { file: null };
      entry.promise = fetchBytes(source).then((bytes) => {
        window.__roadseam.loads += 1;
        return (entry.file = parse(bytes));
      });
      entry.promise.catch(() => cache.delete(key));
      cache.set(key, entry);
    }
    return cache.get(key);
  };

  /* Whether a scheme asks for dark screens now; `auto` follows the system. */
  Roadseam.isDark = function (scheme) {
    return scheme === 'dark' || (scheme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  };

  /* Puts a file into the colours of light or dark screens; all that paints goes on reading theme and styles. */
  Roadseam.dressFile = function (file, isDark) {
    if (!file.theme.dark || Boolean(file.isDark) === isDark) return;
    file.isDark = isDark;
    file.lightColors = file.lightColors || file.theme.colors;
    file.theme.colors = isDark ? file.theme.dark : file.lightColors;
    for (const { head } of file.tables) {
      head.lightStyles = head.lightStyles || head.styles;
      head.styles = head.lightStyles.map((style) => (isDark ? { ...style, ...style.dark } : style));
    }
  };

  Roadseam.say = function (words, language) {
    return (language === 'en' && words.en) || words.zh;
  };

  /* Text for the eye: no control signs, no signs that turn the writing direction, and no endless names. */
  Roadseam.show = function (text, limit) {
    const clean = String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
    const letters = limit && clean.length > limit ? Array.from(clean.slice(0, 2 * limit + 2)) : null;
    return letters && letters.length > limit ? letters.slice(0, limit).join('') + '…' : clean;
  };
})();
