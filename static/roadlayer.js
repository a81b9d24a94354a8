/* L.RoadLayer: a map file on one canvas. Reports clicks as GeoJSON, the way drawing layers do, so that a host page
   that listens for drawings learns the id of the road or symbol without knowing this layer. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const hooks = window.__roadseam;
  const live = new Set();

  /* What outlives a layer on its map: a rerun may replace the layer, never the choices of the person. */
  Roadseam.stateOf = function (map) {
    if (!map._roadseam) {
      map._roadseam = { layers: [], hidden: new Map(), selected: null, pending: [], waiting: null, before: false, lang: null, askedLang: null, askedBefore: false, fitted: false, asked: null, focus: null };
      if (map.attributionControl) map.attributionControl.setPrefix(false);
    }
    return map._roadseam;
  };

  L.RoadLayer = L.Layer.extend({
    options: { pane: 'overlayPane', tolerance: 6, padding: 0.15, size: 1, lang: 'zh', scheme: 'light', fit: false, panel: true, twinMap: 'map_div2' },

    initialize: function (source, options) {
      L.setOptions(this, options);
      this._source = source;
      this._file = null;
    },

    getContainer: function () { return this._canvas; },

    getEvents: function () {
      const events = { moveend: this.draw, resize: this._resize, mousemove: this._hover, mouseout: this._leave, click: this._click };
      if (this._map && this._map.options.zoomAnimation) events.zoomanim = this._animate;
      return events;
    },

    onAdd: function (map) {
      const state = (this._state = Roadseam.stateOf(map));
      state.layers.push(this);
      live.add(this);
      if (state.askedLang !== this.options.lang) state.lang = state.askedLang = this.options.lang;
      this._canvas = L.DomUtil.create('canvas', 'leaflet-zoom-animated roadseam-canvas');
      this._pen = this._canvas.getContext('2d');
      map.getPane(this.options.pane).appendChild(this._canvas);
      Roadseam.setBase(map, this.options.base);
      this._addTwin();
      const entry = Roadseam.readFile(this._source);
      if (entry.file) this._begin(entry.file);
      else entry.promise.then((file) => { if (this._map) this._begin(file); }, (error) => this._fail(error));
    },

    /* Two maps side by side: a host that listens to the left map only still hears of clicks on the right one. */
    _addTwin: function () {
      const other = this.options.twin && window[this.options.twinMap];
      if (!other || this._twin) return;
      this._twin = new L.RoadLayer(this.options.twin, Object.assign({}, this.options, { twin: null, fit: false, focus: null }));
      this._twin.on('click', (event) => this.fire('click', { latlng: event.latlng, layer: event.layer }));
      this._twin.addTo(other);
    },

    /* The picture stays until the next layer has drawn, or until it is clear that none follows. */
    onRemove: function (map) {
      const state = this._state, canvas = this._canvas;
      state.layers = state.layers.filter((layer) => layer !== this);
      live.delete(this);
      if (this._file || !state.ghost) {
        if (state.ghost && state.ghost !== canvas) state.ghost.remove();
        state.ghost = canvas;
        if (this._file) state.last = { file: this._file, view: this._view };
      } else canvas.remove();
      this._leave();
      if (this._twin) this._twin.remove();
      this._twin = null;
      setTimeout(() => { if (!map._roadseam || !state.layers.length) this._dropGhost(state); }, 0);
    },

    _dropGhost: function (state) {
      if (state.ghost) state.ghost.remove();
      state.ghost = state.last = null;
      if (!state.layers.length && Roadseam.updatePanel) Roadseam.updatePanel(this._map || (state.panel && state.panel.map));
    },

    _fail: function (error) {
      hooks.errors.push(String(error.message || error));
      if (this._map && Roadseam.showMessage) Roadseam.showMessage(this._map, String(error.message || error));
    },

    _begin: function (file) {
      this._file = file;
      const state = this._state;
      for (const table of file.tables) if (!state.hidden.has(table.key)) state.hidden.set(table.key, !table.shown);
      this._dress();
      this._map.getContainer().classList.add('roadseam-map');
      this._map.getContainer().style.setProperty('--rs-top', (this.options.top || 0) + 'px');
      this._applyView();
      this._applySelection();
      const before = this.options.before;
      if (before !== undefined && before !== state.askedBefore) state.before = state.askedBefore = before;
      this.draw();
      if (state.ghost) this._dropGhost(state);
      state.last = null;
      this._answerWaiting();
      if (this.options.panel && Roadseam.updatePanel) Roadseam.updatePanel(this._map);
      hooks.ready = true;
      this.fire('ready');
    },

    /* Colours of the file and of all that stands around the map. */
    _dress: function () {
      const theme = this._file.theme, root = document.documentElement.style;
      Roadseam.dressFile(this._file, Roadseam.isDark(this.options.scheme));
      for (const name of Object.keys(theme.colors)) root.setProperty('--rs-' + name, theme.colors[name]);
      root.setProperty('--rs-fonts', theme.fonts);
      root.setProperty('--rs-size', this.options.size);
      root.colorScheme = Roadseam.isDark(this.options.scheme) ? 'dark' : 'light';
    },

    _applyView: function () {
      const state = this._state, map = this._map, focus = this.options.focus;
      if (focus && JSON.stringify(focus) !== state.focus) {
        state.focus = JSON.stringify(focus);
        state.fitted = true;
        if (focus.bounds) map.fitBounds(focus.bounds, { padding: [40, 40], animate: false, maxZoom: focus.zoom || 17 });
        else map.setView(focus.center, focus.zoom || map.getZoom(), { animate: false });
      } else if (this.options.fit && !state.fitted && map.getSize().x > 0) {
        state.fitted = true;
        this.fitAll();
      }
    },

    fitAll: function () {
      let all = null;
      for (const table of this._file.tables) {
        const b = table.bounds();
        if (b) all = all ? [Math.min(all[0], b[0]), Math.min(all[1], b[1]), Math.max(all[2], b[2]), Math.max(all[3], b[3])] : b;
      }
      if (!all) return;
      const corner = (x, y) => this._map.unproject(L.point(x * 256, y * 256), 0);
      this._map.fitBounds([corner(all[0], all[3]), corner(all[2], all[1])], { padding: [16, 16], animate: false });
    },

    /* The host's echo of a click must not undo a later click: what was reported from here is only ticked off. */
    _applySelection: function () {
      const state = this._state, asked = this.options.selected;
      if (asked === undefined || asked === null || asked === state.asked) return;
      state.asked = asked;
      const echo = state.pending.indexOf(asked);
      if (echo >= 0) { state.pending.splice(0, echo + 1); return; }
      const found = asked ? this.find(asked) : null;
      state.selected = found ? { table: found.table.key, id: asked } : null;
    },

    find: function (id) {
      for (const table of this._file.tables) {
        const row = table.row(id);
        if (row >= 0) return { table, row };
      }
      return null;
    },

    selection: function () {
      const chosen = this._state.selected;
      const table = chosen && this._file && this._file.tables.find((t) => t.key === chosen.table);
      const row = table ? table.row(chosen.id) : -1;
      return row >= 0 ? { table, row } : null;
    },

    shownTables: function () { return this._file.tables.filter((table) => !this._state.hidden.get(table.key)); },

    _resize: function () { if (this._file) { this._applyView(); this.draw(); } },

    _animate: function (event) {
      if (!this._view) return;
      const scale = this._map.getZoomScale(event.zoom, this._view.zoom);
      const corner = this._map._latLngBoundsToNewLayerBounds(this._view.bounds, event.zoom, event.center).min;
      L.DomUtil.setTransform(this._canvas, corner, scale);
    },

    _frame: function () {
      const layer = this, map = this._map, size = map.getSize(), canvas = this._canvas, ratio = window.devicePixelRatio || 1;
      const pad = size.multiplyBy(this.options.padding).round();
      const min = map.containerPointToLayerPoint(pad.multiplyBy(-1)).round();
      const w = size.x + 2 * pad.x, h = size.y + 2 * pad.y;
      if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
        canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio);
        canvas.style.width = w + 'px'; canvas.style.height = h + 'px';
      }
      canvas.style.transform = '';
      L.DomUtil.setPosition(canvas, min);
      this._pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._pen.clearRect(0, 0, w, h);
      const zoom = map.getZoom(), scale = 256 * Math.pow(2, zoom), origin = map.getPixelOrigin().add(min);
      const bounds = L.latLngBounds(map.layerPointToLatLng(min), map.layerPointToLatLng(min.add([w, h])));
      return {
        zoom, scale, bounds, w, h, x: origin.x, y: origin.y, size: this.options.size, theme: this._file.theme, before: this._state.before,
        left: origin.x / scale, right: (origin.x + w) / scale, top: origin.y / scale, bottom: (origin.y + h) / scale,
        shown: [pad.x, pad.y, pad.x + size.x, pad.y + size.y], ratio, boxes: new Roadseam.Boxes(), spots: [], shields: [],
        waiting: 0, isCurrent() { return layer._view === this && layer._map; },
      };
    },

    draw: function () {
      if (!this._file || !this._map || !this._map.getSize().x) return;
      const begun = performance.now(), view = (this._view = this._frame()), pen = this._pen, shown = this.shownTables();
      const chosen = this.selection();
      if (chosen) view.selected = { table: chosen.table.key, row: chosen.row };
      const painted = [];
      for (const table of shown.filter((t) => t.lines)) painted.push([table, Roadseam.paintLines(pen, table, view)]);
      if (chosen && chosen.table.lines && shown.includes(chosen.table)) Roadseam.paintSelection(pen, chosen.table, chosen.row, view);
      for (const [table, rows] of painted) Roadseam.paintArrows(pen, table, rows, view);
      Roadseam.paintPoints(pen, shown.filter((t) => !t.lines), view);
      for (const part of ['paintShields', 'paintLetters', 'paintNames']) {
        for (const [table, rows] of painted) Roadseam[part](pen, table, rows, view);
      }
      this._rows = painted.map(([, rows]) => rows.length).reduce((a, b) => a + b, 0);
      hooks.drawn = this._rows;
      hooks.draw_ms = performance.now() - begun;
    },

    /* What lies at a place of the map: {table, row} or null. Until this layer has drawn, its forerunner's picture is
       what the person sees, so the forerunner's file answers. */
    hit: function (latlng) {
      const last = this._view ? null : this._state.last, view = this._view || (last && last.view);
      if (!view) return null;
      const map = this._map, at = map.project(latlng, view.zoom);
      const spot = Roadseam.spotAt(view.spots, at.x - view.x, at.y - view.y, this.options.tolerance - 2);
      if (spot) return spot;
      const hidden = view.theme.ranks.map((row) => row.zoom > view.zoom);
      const tables = (last ? last.file : this._file).tables.filter((t) => t.lines && !this._state.hidden.get(t.key));
      for (const table of tables.reverse()) {
        const row = Roadseam.nearestLine(table, at.x / view.scale, at.y / view.scale, this.options.tolerance / view.scale, (i) => !hidden[table.rank[i]]);
        if (row >= 0) return { table, row };
      }
      return null;
    },

    describe: function (found) {
      const { table, row } = found, codes = this._state.before && table.before ? table.before : table.style;
      const label = Roadseam.say(table.head.styles[codes[row]].label, this._state.lang);
      return [table.name(row), table.lines ? table.ref(row) : '', label].filter(Boolean).map((text) => Roadseam.show(text, 40)).join(' · ');
    },

    _hover: function (event) {
      const found = this.hit(event.latlng);
      this._map.getContainer().style.cursor = found ? 'pointer' : '';
      if (!found) { this._leave(); return; }
      if (!this._tip) this._tip = L.tooltip({ direction: 'right', offset: [12, 0], className: 'roadseam-tip', opacity: 1 });
      const words = this.describe(found);
      if (words !== this._words) {
        const box = document.createElement('bdi');
        box.textContent = this._words = words;
        this._tip.setContent(box);
      }
      this._tip.setLatLng(event.latlng);
      if (!this._tip.isOpen || !this._tip.isOpen()) this._map.openTooltip(this._tip);
    },

    _leave: function () {
      if (this._tip && this._map) this._map.closeTooltip(this._tip);
      this._words = null;
    },

    _answerWaiting: function () {
      const latlng = this._state.waiting;
      this._state.waiting = null;
      if (latlng) this._click({ latlng });
    },

    /* A click before the first picture waits for it; it never counts as a click on nothing. */
    _click: function (event) {
      if (!this._view && !this._state.last) { this._state.waiting = event.latlng; return; }
      const found = this.hit(event.latlng);
      if (found) this.choose(found.table, found.row, event.latlng);
      else this.clear(event.latlng);
    },

    choose: function (table, row, latlng) {
      const id = table.id(row);
      this._state.selected = { table: table.key, id };
      this.redraw();
      this.report(table.kind, id, latlng);
    },

    clear: function (latlng) {
      if (!this._state.selected) return;
      this._state.selected = null;
      this.redraw();
      this.report('none', '', latlng || this._map.getCenter());
    },

    redraw: function () { for (const layer of this._state.layers) layer.draw(); },

    /* `n` grows with each report, so that the same road clicked twice is two reports. */
    report: function (kind, id, latlng) {
      hooks.clicks += 1;
      const n = hooks.clicks, coordinates = [latlng.lng, latlng.lat];
      const feature = { type: 'Feature', properties: { kind, id, n }, geometry: { type: 'Point', coordinates } };
      this._state.pending = this._state.pending.slice(-8).concat([id]);
      this.fire('roadseam', { kind, id, latlng });
      this.fire('click', { latlng, layer: { toGeoJSON: () => feature } });
    },
  });

  /* The system went dark, or light again. */
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const layer of live) {
      if (layer.options.scheme !== 'auto' || !layer._file) continue;
      layer._dress();
      layer.draw();
      if (Roadseam.updatePanel) Roadseam.updatePanel(layer._map);
    }
  });

  L.roadLayer = function (source, options) { return new L.RoadLayer(source, options); };
})();
