/* L.RoadDrag: a handle that runs along the road of one seam. It lies only where the host says a seam may lie, reports
   the number of the place when it is let go, and never a name or an id of the map. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const hooks = window.__roadseam;
  const PULL_M = 8, FAR_STEPS = 10;

  /* Metres between two places [lat, lng], flat: a track is no longer than a kilometre or two. */
  function gap(a, b) {
    const x = (a[1] - b[1]) * 111320 * Math.cos((a[0] * Math.PI) / 180), y = (a[0] - b[0]) * 110574;
    return Math.hypot(x, y);
  }

  function signed(metres) {
    const whole = Math.round(metres);
    return (whole > 0 ? '+' : whole < 0 ? '\u2212' : '') + Math.abs(whole) + ' m';
  }

  L.RoadDrag = L.Layer.extend({
    /* data: {token, origin: [lat, lng], tracks: [{side, line: [[lat, lng], …], places: [[lat, lng, along_m, is_junction], …]}],
       at: [track, place] or null, words: {name, value}} */
    initialize: function (data, options) {
      L.setOptions(this, options);
      this._data = data;
      this._at = data.at;
      this._order = [];
      data.tracks.forEach((track, t) => track.places.forEach((place, k) => this._order.push([t, k])));
      this._order.sort((a, b) => this._along(a) - this._along(b) || a[0] - b[0]);
    },

    getContainer: function () { return this._handle && this._handle.getElement(); },

    onAdd: function (map) {
      const data = this._data;
      this._parts = data.tracks.map((track) => L.polyline(track.line, { className: 'roadseam-track is-' + track.side, interactive: false, weight: 12, opacity: 0.35 }));
      for (const track of data.tracks) {
        for (const place of track.places) {
          if (place[3]) this._parts.push(L.circleMarker([place[0], place[1]], { className: 'roadseam-stop', interactive: false, radius: 4, weight: 2, fillOpacity: 1 }));
        }
      }
      const icon = L.divIcon({ className: 'roadseam-handle', iconSize: [32, 32], html: '' });
      this._handle = L.marker(this._place(), { icon, keyboard: false, interactive: false, zIndexOffset: 1000 });
      this._parts.push(this._handle);
      for (const part of this._parts) part.addTo(map);
      this._listen(this._handle.getElement());
      this._tell();
      hooks.drag = this;
      if (map._roadseam && map._roadseam.dragFocus) this._handle.getElement().focus({ preventScroll: true });
    },

    onRemove: function (map) {
      document.removeEventListener('keydown', this._onEscape, true);
      if (hooks.drag === this) hooks.drag = null;
      if (map.dragging) map.dragging.enable();
      for (const part of this._parts) part.remove();
      this._parts = [];
    },

    /* The place of a number, the seam's own where there is none. */
    _place: function (at) {
      const chosen = at === undefined ? this._at : at;
      return chosen ? this._data.tracks[chosen[0]].places[chosen[1]].slice(0, 2) : this._data.origin;
    },

    _along: function (at) { return at ? this._data.tracks[at[0]].places[at[1]][2] : 0; },

    /* The nearest place; a junction is taken before a metre that is hardly nearer, the seam's own place as well. */
    nearest: function (latlng) {
      const from = [latlng.lat, latlng.lng];
      let best = gap(from, this._data.origin) - PULL_M, found = null;
      this._data.tracks.forEach((track, t) => track.places.forEach((place, k) => {
        const d = gap(from, place) - (place[3] ? PULL_M : 0);
        if (d < best) { best = d; found = [t, k]; }
      }));
      return found;
    },

    _listen: function (handle) {
      L.DomEvent.disableClickPropagation(handle);
      for (const name of ['mousemove', 'mouseover']) handle.addEventListener(name, (event) => event.stopPropagation());
      handle.tabIndex = 0;
      handle.setAttribute('role', 'slider');
      handle.setAttribute('aria-label', this._data.words.name);
      const ends = this._order.map((at) => this._along(at));
      handle.setAttribute('aria-valuemin', String(Math.round(Math.min(0, ...ends))));
      handle.setAttribute('aria-valuemax', String(Math.round(Math.max(0, ...ends))));
      handle.addEventListener('pointerdown', (event) => this._take(event));
      handle.addEventListener('pointermove', (event) => this._pull(event));
      handle.addEventListener('pointerup', (event) => this._drop(event));
      handle.addEventListener('pointercancel', () => this._back());
      handle.addEventListener('lostpointercapture', () => this._back());
      handle.addEventListener('keydown', (event) => this._key(event));
      handle.addEventListener('focus', () => { this._map._roadseam.dragFocus = true; });
      handle.addEventListener('blur', () => { if (this._map) this._map._roadseam.dragFocus = false; });
      this._onEscape = (event) => {
        if (event.key !== 'Escape') return;
        event.stopImmediatePropagation();
        if (this._held) this._back();
        else this._report('cancel');
      };
      document.addEventListener('keydown', this._onEscape, true);
    },

    _take: function (event) {
      if (event.button) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      event.currentTarget.focus({ preventScroll: true });
      this._held = { from: this._at, moved: false };
      this._map.dragging.disable();
      this._tell();
    },

    _pull: function (event) {
      if (!this._held) return;
      const latlng = this._map.mouseEventToLatLng(event), found = this.nearest(latlng);
      if (String(found) === String(this._at)) return;
      this._held.moved = true;
      this._put(found);
    },

    _drop: function () {
      if (!this._held) return;
      const moved = String(this._held.from) !== String(this._at);
      this._held = null;
      this._map.dragging.enable();
      this._tell();
      if (moved) this._send();
    },

    /* The hand lost it, or took it back: the seam lies where it lay before the pull. */
    _back: function () {
      if (!this._held) return;
      const from = this._held.from;
      this._held = null;
      this._map.dragging.enable();
      this._put(from);
    },

    _key: function (event) {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -FAR_STEPS, PageUp: FAR_STEPS }[event.key];
      if (event.key === 'Enter' || event.key === ' ') this._send();
      else if (event.key === 'Home' || event.key === 'End') this._put(this._order[event.key === 'Home' ? 0 : this._order.length - 1]);
      else if (steps) this._step(steps);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },

    /* Steps along the road by places; past the seam's own place the track of the other side begins. */
    _step: function (by) {
      const stops = this._order.filter((at) => this._along(at) < 0).concat([null], this._order.filter((at) => this._along(at) > 0));
      const now = stops.findIndex((at) => String(at) === String(this._at));
      this._put(stops[Math.max(0, Math.min(stops.length - 1, now + by))]);
    },

    _put: function (at) {
      this._at = at;
      this._handle.setLatLng(this._place());
      this._tell();
    },

    _tell: function () {
      const handle = this._handle.getElement(), text = signed(this._along(this._at));
      handle.setAttribute('aria-valuenow', String(Math.round(this._along(this._at))));
      handle.setAttribute('aria-valuetext', this._data.words.value + ' ' + text);
      handle.classList.toggle('is-held', Boolean(this._held));
      if (!this._flag) {
        this._flag = Roadseam.element('span', 'roadseam-flag', []);
        handle.append(this._flag);
      }
      this._flag.textContent = text;
    },

    _send: function () { this._report(this._at ? this._at.join(':') : 'home'); },

    _report: function (what) {
      hooks.clicks += 1;
      const at = this._place(), latlng = L.latLng(at[0], at[1]);
      const properties = { kind: 'drag', id: this._data.token + ':' + what, n: hooks.clicks };
      const feature = { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [latlng.lng, latlng.lat] } };
      this.fire('click', { latlng, layer: { toGeoJSON: () => feature } });
    },
  });

  L.roadDrag = function (data, options) { return new L.RoadDrag(data, options); };
})();
