/* A base map under the roads: tiles from this machine, chosen by the user, never needed and never exported. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const NAME = { zh: '底图', en: 'Base map' };
  /* Below its first zoom a picture would be put together from too many tiles. */
  const FARTHER = 1;

  /* Puts a base map under a map, or takes it away; the choice of the person to hide it outlives the layers. */
  Roadseam.setBase = function (map, base) {
    const state = Roadseam.stateOf(map), asked = base ? JSON.stringify(base) : '';
    if ((state.baseAsked || '') === asked) return;
    state.baseAsked = asked;
    if (state.base) state.base.remove();
    state.base = null;
    state.baseCredit = base ? base.credit : '';
    if (!base) return;
    if (map.options.minZoom === undefined) map.options.minZoom = 3;
    state.base = L.tileLayer(base.url + '{z}/{x}/{y}', {
      minZoom: Math.max(0, base.min - FARTHER), maxZoom: 19, minNativeZoom: base.min, maxNativeZoom: base.max,
      className: 'roadseam-base', updateWhenZooming: false, keepBuffer: 1,
    });
    if (!state.isBaseHidden) state.base.addTo(map);
  };

  /* The row of the layer switch. */
  Roadseam.baseRow = function (map) {
    const state = Roadseam.stateOf(map);
    if (!state.base) return [];
    const box = Roadseam.element('input', '');
    box.type = 'checkbox';
    box.checked = !state.isBaseHidden;
    box.addEventListener('change', () => {
      state.isBaseHidden = !box.checked;
      if (box.checked) state.base.addTo(map);
      else state.base.remove();
      Roadseam.updatePanel(map);
    });
    return [Roadseam.element('label', '', [box, Roadseam.element('span', '', [Roadseam.say(NAME, state.lang)])])];
  };

  /* Whose the base map is, for the line of sources; nothing while it is hidden. */
  Roadseam.baseCredit = function (map) {
    const state = Roadseam.stateOf(map);
    return state.base && !state.isBaseHidden && state.baseCredit ? ' · ' + Roadseam.show(state.baseCredit, 120) : '';
  };
})();
