/* Paints lines: one path and one stroke for each style and class of road, from small roads to expressways. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const RANKS = 10;
  const LAYERS = [[9, 7, 6], [5, 8], [4], [3], [2], [1, 0]];

  Roadseam.width = function (theme, rank, zoom) {
    const at = theme.zooms, px = theme.ranks[rank].px;
    if (zoom <= at[0]) return px[0];
    for (let k = 1; k < at.length; k++) {
      if (zoom <= at[k]) return px[k - 1] + ((px[k] - px[k - 1]) * (zoom - at[k - 1])) / (at[k] - at[k - 1]);
    }
    return px[px.length - 1];
  };

  /* What must not be overlooked keeps a least width. */
  Roadseam.lineWidth = function (view, style, rank) {
    const least = style.level > 0 && view.zoom >= 11 ? 3 : 0;
    return Math.max(least, Roadseam.width(view.theme, rank, view.zoom) * style.factor) * view.size;
  };

  /* Rows in sight, grouped by style and rank: {start, rows} with group g = style * RANKS + rank. */
  function group(table, view) {
    const { box, rank, n } = table;
    const style = view.before && table.before ? table.before : table.style;
    const least = 0.7 / view.scale;
    const hidden = view.theme.ranks.map((row) => row.zoom > view.zoom);
    const groups = table.head.styles.length * RANKS;
    const start = new Uint32Array(groups + 1);
    const kept = new Uint32Array(n);
    let count = 0;
    for (let i = 0; i < n; i++) {
      const b = 4 * i;
      if (hidden[rank[i]] || box[b] > view.right || box[b + 2] < view.left) continue;
      if (box[b + 1] > view.bottom || box[b + 3] < view.top) continue;
      if (box[b + 2] - box[b] < least && box[b + 3] - box[b + 1] < least) continue;
      kept[count++] = i;
      start[style[i] * RANKS + rank[i] + 1] += 1;
    }
    for (let g = 0; g < groups; g++) start[g + 1] += start[g];
    const rows = new Uint32Array(count);
    const next = start.slice();
    for (let k = 0; k < count; k++) rows[next[style[kept[k]] * RANKS + rank[kept[k]]]++] = kept[k];
    return { start, rows };
  }

  /* Adds one line; a line that begins where the last one ended goes on, so that dashes run through. */
  function trace(pen, table, row, view, last) {
    const { ptr, x, y } = table;
    let k = ptr[row];
    const end = ptr[row + 1];
    if (end - k < 2) return last;
    let px = x[k] * view.scale - view.x, py = y[k] * view.scale - view.y;
    if (!last || last[0] !== x[k] || last[1] !== y[k]) pen.moveTo(px, py);
    for (k++; k < end; k++) {
      const qx = x[k] * view.scale - view.x, qy = y[k] * view.scale - view.y;
      if (k < end - 1 && Math.abs(qx - px) + Math.abs(qy - py) < 1) continue;
      pen.lineTo(qx, qy);
      px = qx; py = qy;
    }
    return [x[end - 1], y[end - 1]];
  }

  function pathOf(table, rows, from, to, view) {
    const path = new Path2D();
    let last = null;
    for (let k = from; k < to; k++) last = trace(path, table, rows[k], view, last);
    return path;
  }

  function stroke(pen, path, color, width, options) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.lineCap = (options && options.cap) || 'round';
    pen.setLineDash((options && options.dash) || []);
    pen.globalAlpha = options && options.alpha !== undefined ? options.alpha : 1;
    pen.stroke(path);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function casing(pen, item, view) {
    const { style, rank, width, path } = item;
    if (style.halo && view.zoom >= 11) return stroke(pen, path, view.theme.colors.paper, width + 4 * view.size);
    if (rank <= 1 && view.zoom >= 12.5 && style.level >= 0) return stroke(pen, path, style.edge, width + 1.6 * view.size);
    if (style.pale && width >= 1) return stroke(pen, path, style.edge, width + 1.2 * view.size);
    if (rank <= 5 && view.zoom >= 14) stroke(pen, path, view.theme.colors.ground, width + 2.4 * view.size, { cap: 'butt' });
    return undefined;
  }

  function fill(pen, item, view) {
    const { style, rank, width, path } = item;
    const alpha = style.halo || style.level > 0 ? 1 : view.theme.ranks[rank].alpha;
    const dash = style.dash.map((part) => part * Math.max(width, 2.5));
    const dotted = dash.length && style.dash[0] < 0.1;
    if (style.second) {
      stroke(pen, path, style.color, width, { cap: 'butt' });
      stroke(pen, path, style.second, width, { dash, cap: 'butt' });
      return;
    }
    stroke(pen, path, style.color, width, { dash, cap: dash.length && !dotted ? 'butt' : 'round', alpha });
    if (style.core && rank <= 2 && width >= 3.4 * view.size) {
      stroke(pen, path, view.theme.colors.paper, Math.max(0.9 * view.size, width * 0.2), { cap: 'butt', dash: style.core === 'dash' ? [9, 7] : [] });
    }
  }

  /* Paints a table of lines and returns the rows drawn. */
  Roadseam.paintLines = function (pen, table, view) {
    const { start, rows } = group(table, view);
    const styles = table.head.styles;
    const levels = [...new Set(styles.map((style) => style.level))].sort((a, b) => a - b);
    pen.lineJoin = 'round';
    for (const level of levels) {
      for (const ranks of LAYERS) {
        const items = [];
        for (const rank of ranks) {
          styles.forEach((style, s) => {
            const g = s * RANKS + rank;
            if (style.level !== level || start[g] === start[g + 1]) return;
            const width = Roadseam.lineWidth(view, style, rank);
            items.push({ style, rank, width, path: pathOf(table, rows, start[g], start[g + 1], view) });
          });
        }
        for (const item of items) casing(pen, item, view);
        for (const item of items) fill(pen, item, view);
      }
    }
    return rows;
  };

  /* The selected line: a dark rim and a white one around its own colour. */
  Roadseam.paintSelection = function (pen, table, row, view) {
    const path = pathOf(table, [row], 0, 1, view);
    const codes = view.before && table.before ? table.before : table.style;
    const style = table.head.styles[codes[row]];
    const width = Math.max(3 * view.size, Roadseam.lineWidth(view, style, table.rank[row]));
    pen.lineJoin = 'round';
    stroke(pen, path, view.theme.colors.ink, width + 9 * view.size);
    stroke(pen, path, view.theme.colors.paper, width + 5 * view.size);
    fill(pen, { style: { ...style, level: 1 }, rank: table.rank[row], width, path }, view);
  };

  /* A swatch for the legend, painted by the same code as the map. */
  Roadseam.paintSwatch = function (canvas, style, theme) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = 40 * ratio; canvas.height = 14 * ratio;
    canvas.style.width = '40px'; canvas.style.height = '14px';
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const path = new Path2D();
    path.moveTo(4, 7); path.lineTo(36, 7);
    fill(pen, { style: { ...style, level: 1 }, rank: 0, width: 5, path }, { theme, size: 1, zoom: 15 });
  };
})();
