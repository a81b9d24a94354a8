/* Finds what lies under the pointer: labels and symbols first, then the nearest line. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const MOST_CELLS = 512;

  /* A square grid over the table: the rows of cell c are rows[start[c]] … rows[start[c + 1] - 1]. */
  function buildGrid(table) {
    const all = table.bounds() || [0, 0, 1, 1];
    const side = Math.max(1, Math.min(MOST_CELLS, Math.ceil(Math.sqrt(table.n))));
    const dx = (all[2] - all[0]) / side || 1e-9, dy = (all[3] - all[1]) / side || 1e-9;
    const column = (x) => Math.max(0, Math.min(side - 1, Math.floor((x - all[0]) / dx)));
    const line = (y) => Math.max(0, Math.min(side - 1, Math.floor((y - all[1]) / dy)));
    const visit = (action) => {
      for (let i = 0; i < table.n; i++) {
        const b = 4 * i;
        if (!(table.box[b] <= table.box[b + 2])) continue;
        const right = column(table.box[b + 2]), bottom = line(table.box[b + 3]);
        for (let gx = column(table.box[b]); gx <= right; gx++) {
          for (let gy = line(table.box[b + 1]); gy <= bottom; gy++) action(gx * side + gy, i);
        }
      }
    };
    const start = new Uint32Array(side * side + 1);
    visit((cell) => { start[cell + 1] += 1; });
    for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
    const rows = new Uint32Array(start[side * side]);
    const next = start.slice();
    visit((cell, i) => { rows[next[cell]++] = i; });
    return { column, line, side, start, rows };
  }

  function distance2(table, row, x, y) {
    const { ptr } = table;
    let best = Infinity;
    for (let k = ptr[row]; k < ptr[row + 1] - 1; k++) {
      const ax = table.x[k], ay = table.y[k], dx = table.x[k + 1] - ax, dy = table.y[k + 1] - ay;
      const q = dx * dx + dy * dy;
      const t = q ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / q)) : 0;
      const ex = x - ax - t * dx, ey = y - ay - t * dy, d = ex * ex + ey * ey;
      if (d < best) best = d;
    }
    return best;
  }

  /* The line nearest to a place in world units, within `reach`; -1 for none. */
  Roadseam.nearestLine = function (table, x, y, reach, isDrawn) {
    if (!table.n) return -1;
    const grid = table.grid || (table.grid = buildGrid(table));
    let best = reach * reach, hit = -1;
    const right = grid.column(x + reach), bottom = grid.line(y + reach);
    for (let gx = grid.column(x - reach); gx <= right; gx++) {
      for (let gy = grid.line(y - reach); gy <= bottom; gy++) {
        const cell = gx * grid.side + gy;
        for (let k = grid.start[cell]; k < grid.start[cell + 1]; k++) {
          const i = grid.rows[k], b = 4 * i;
          if (!isDrawn(i) || table.box[b] > x + reach || table.box[b + 2] < x - reach) continue;
          if (table.box[b + 1] > y + reach || table.box[b + 3] < y - reach) continue;
          const d = distance2(table, i, x, y);
          if (d < best) { best = d; hit = i; }
        }
      }
    }
    return hit;
  };

  /* The symbol or label at a place on the canvas: symbols win over labels, later ones over earlier ones. */
  Roadseam.spotAt = function (spots, px, py, tolerance) {
    let found = null;
    for (const spot of spots) {
      const slack = spot.symbol ? tolerance : 0, b = spot.box;
      if (px < b[0] - slack || px > b[2] + slack || py < b[1] - slack || py > b[3] + slack) continue;
      const d = Math.hypot(px - (b[0] + b[2]) / 2, py - (b[1] + b[3]) / 2) + (spot.symbol ? 0 : 1000);
      if (!found || d <= found.d) found = { d, spot };
    }
    return found ? found.spot : null;
  };
})();
