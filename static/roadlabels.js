/* Draws what stands on the roads: symbols, their labels, owner letters, road names, arrows. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});

  /* Rectangles already taken; `take` refuses one that touches another. */
  class Boxes {
    constructor() { this.cells = new Map(); this.size = 96; }

    visit(box, action) {
      for (let gx = Math.floor(box[0] / this.size); gx <= Math.floor(box[2] / this.size); gx++) {
        for (let gy = Math.floor(box[1] / this.size); gy <= Math.floor(box[3] / this.size); gy++) action(gx + ':' + gy);
      }
    }

    isFree(box) {
      let free = true;
      this.visit(box, (key) => {
        for (const b of this.cells.get(key) || []) {
          if (b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1]) free = false;
        }
      });
      return free;
    }

    add(box) {
      this.visit(box, (key) => {
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push(box);
      });
    }

    take(box) {
      if (!this.isFree(box)) return false;
      this.add(box);
      return true;
    }
  }
  Roadseam.Boxes = Boxes;

  function font(view, px, weight) { return weight + ' ' + px * view.size + 'px ' + view.theme.fonts; }

  function haloText(pen, view, text, x, y, options) {
    pen.textBaseline = 'middle';
    pen.textAlign = options.align || 'center';
    pen.lineJoin = 'round';
    pen.strokeStyle = view.theme.colors.paper;
    pen.lineWidth = options.halo;
    pen.strokeText(text, x, y);
    pen.fillStyle = options.color;
    pen.fillText(text, x, y);
  }

  function symbol(pen, style, x, y, radius, size, theme) {
    const isLight = style.edge === theme.rim;
    pen.beginPath();
    if (style.shape === 'diamond') {
      pen.moveTo(x, y - radius); pen.lineTo(x + radius, y); pen.lineTo(x, y + radius); pen.lineTo(x - radius, y); pen.closePath();
    } else if (style.shape === 'square') pen.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.lineJoin = 'miter';
    if (isLight) { pen.strokeStyle = style.edge; pen.lineWidth = 3.4 * size; pen.stroke(); }
    pen.fillStyle = style.fill;
    pen.fill();
    if (!isLight) { pen.strokeStyle = style.edge; pen.lineWidth = 1.9 * size; pen.stroke(); }
  }
  Roadseam.paintSymbol = symbol;

  function inside(view, x, y, margin) { return x > -margin && y > -margin && x < view.w + margin && y < view.h + margin; }

  /* Whether a label would be seen whole, or stands in the margin that comes into sight when the map is dragged. */
  Roadseam.isWhole = function (view, box) {
    const s = view.shown;
    if (box[0] < 0 || box[1] < 0 || box[2] > view.w || box[3] > view.h) return false;
    return (box[0] >= s[0] && box[2] <= s[2] && box[1] >= s[1] && box[3] <= s[3])
      || box[2] <= s[0] || box[0] >= s[2] || box[3] <= s[1] || box[1] >= s[3];
  };
  const isWhole = Roadseam.isWhole;

  function beside(pen, view, table, i, place) {
    const text = Roadseam.show(table.name(i), 24);
    if (!text) return;
    pen.font = font(view, 15, 'bold');
    const w = pen.measureText(text).width + 6 * view.size, h = 20 * view.size, d = place.radius + 5 * view.size;
    const tries = [[d, -h / 2], [-d - w, -h / 2], [-w / 2, d], [-w / 2, -d - h], [d, d - h / 2], [-d - w, d - h / 2]];
    for (const far of [14 * view.size, 28 * view.size]) {
      tries.push([-w / 2, -d - h - far], [-w / 2, d + far], [d + far, -h / 2], [-d - w - far, -h / 2]);
    }
    for (const [dx, dy] of tries) {
      const box = [place.x + dx, place.y + dy, place.x + dx + w, place.y + dy + h];
      if (!isWhole(view, box) || !view.boxes.take(box)) continue;
      haloText(pen, view, text, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, { color: view.theme.colors.ink, halo: 4.5 * view.size });
      view.spots.push({ table, row: i, box });
      return;
    }
  }

  /* Symbols first, so that no label hides one; then the labels, in row order. */
  Roadseam.paintPoints = function (pen, tables, view) {
    const labels = [];
    for (const table of tables) {
      for (let i = 0; i < table.n; i++) {
        const style = table.head.styles[table.style[i]];
        const x = table.x[i] * view.scale - view.x, y = table.y[i] * view.scale - view.y;
        if (view.zoom < style.min_zoom || !inside(view, x, y, 30)) continue;
        const far = style.numbered ? 1 : Math.min(1, Math.max(0.5, 0.5 + (view.zoom - 10) * 0.125));
        const radius = style.radius_px * view.size * far;
        const chosen = view.selected && view.selected.table === table.key && view.selected.row === i;
        if (style.shape !== 'none') {
          if (chosen) symbol(pen, { ...style, fill: view.theme.colors.paper, edge: view.theme.colors.ink }, x, y, radius + 6 * view.size, view.size, view.theme);
          symbol(pen, style, x, y, radius, view.size, view.theme);
          if (style.numbered) {
            pen.font = font(view, 13, 'bold');
            pen.fillStyle = style.text; pen.textAlign = 'center'; pen.textBaseline = 'middle';
            pen.fillText(Roadseam.show(table.name(i), 3), x, y + 0.5 * view.size);
          }
        }
        view.boxes.add([x - radius, y - radius, x + radius, y + radius]);
        view.spots.push({ table, row: i, box: [x - radius, y - radius, x + radius, y + radius], symbol: true });
        if (!style.numbered && view.zoom >= style.label_zoom) labels.push([table, i, { x, y, radius }]);
      }
    }
    for (const [table, i, place] of labels) beside(pen, view, table, i, place);
  };

  /* Rows that are long enough on the screen to carry something, longest first, stable while the map is dragged. */
  Roadseam.longRows = function (table, rows, view, least) {
    const out = [];
    for (const i of rows) {
      const b = 4 * i;
      const span = Math.max(table.box[b + 2] - table.box[b], table.box[b + 3] - table.box[b + 1]) * view.scale;
      if (span >= least) out.push([span, i]);
    }
    out.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    return out.length > 4000 ? out.slice(0, 4000) : out;
  };
  const longRows = Roadseam.longRows;

  /* The place half way along the part of a line that is in sight, with its direction. */
  Roadseam.middle = function (table, row, view) {
    const { ptr, x, y } = table, from = ptr[row], to = ptr[row + 1] - 1;
    const isOut = (k) => (x[k] < view.left && x[k + 1] < view.left) || (x[k] > view.right && x[k + 1] > view.right)
      || (y[k] < view.top && y[k + 1] < view.top) || (y[k] > view.bottom && y[k + 1] > view.bottom);
    const length = (k) => (isOut(k) ? 0 : Math.hypot(x[k + 1] - x[k], y[k + 1] - y[k]));
    let total = 0;
    for (let k = from; k < to; k++) total += length(k);
    let left = total / 2;
    for (let k = from; k < to; k++) {
      const part = length(k);
      if (part >= left && part > 0) {
        const t = left / part;
        return {
          x: (x[k] + t * (x[k + 1] - x[k])) * view.scale - view.x, y: (y[k] + t * (y[k + 1] - y[k])) * view.scale - view.y,
          angle: Math.atan2(y[k + 1] - y[k], x[k + 1] - x[k]), straight: part * view.scale, length: total * view.scale,
        };
      }
      left -= part;
    }
    return null;
  };
  const middle = Roadseam.middle;

  /* Keeps equal texts apart. */
  Roadseam.spacing = function () {
    const seen = new Map();
    return function (text, x, y, distance) {
      const places = seen.get(text) || [];
      if (places.some((p) => Math.abs(p[0] - x) < distance && Math.abs(p[1] - y) < distance)) return false;
      seen.set(text, places.concat([[x, y]]));
      return true;
    };
  };
  const spacing = Roadseam.spacing;

  Roadseam.paintLetters = function (pen, table, rows, view) {
    if (view.zoom < 13.5) return;
    const isApart = spacing();
    const codes = view.before && table.before ? table.before : table.style;
    pen.font = font(view, 13, 'bold');
    for (const [, i] of longRows(table, rows, view, 36)) {
      const style = table.head.styles[codes[i]];
      if (!style.letter || table.rank[i] > 6) continue;
      const at = middle(table, i, view);
      if (!at) continue;
      const text = Roadseam.show(style.letter, 4);
      const w = pen.measureText(text).width / 2 + 3, h = 9 * view.size;
      const box = [at.x - w, at.y - h, at.x + w, at.y + h];
      if (!isWhole(view, box) || !view.boxes.isFree(box) || !isApart(text, at.x, at.y, 260 * view.size)) continue;
      view.boxes.add(box);
      haloText(pen, view, text, at.x, at.y, { color: style.text, halo: 4 * view.size });
    }
  };

  /* Along the road; on a steep road Chinese characters stand upright below one another, as on paper maps. */
  function nameAlong(pen, view, text, at, width) {
    const look = { color: view.theme.colors.name, halo: 3.5 * view.size };
    const down = at.angle < 0 ? at.angle + Math.PI : at.angle;
    if (Math.abs(down - Math.PI / 2) < Math.PI / 4 && /^[\u2e80-\u9fff]+$/.test(text)) {
      const letters = Array.from(text), step = (width / letters.length) * 1.12;
      letters.forEach((letter, k) => {
        const t = (k - (letters.length - 1) / 2) * step;
        haloText(pen, view, letter, at.x + t * Math.cos(down), at.y + t * Math.sin(down), look);
      });
      return;
    }
    pen.save();
    pen.translate(at.x, at.y);
    pen.rotate(Math.abs(at.angle) > Math.PI / 2 ? at.angle + Math.PI : at.angle);
    haloText(pen, view, text, 0, 0, look);
    pen.restore();
  }

  Roadseam.paintNames = function (pen, table, rows, view) {
    if (view.zoom < 14 || !table.head.names) return;
    const isApart = spacing();
    pen.font = font(view, 13, 'normal');
    for (const [, i] of longRows(table, rows, view, 50)) {
      const text = Roadseam.show(table.name(i), 24);
      if (!text || table.rank[i] === 1 || table.rank[i] > 6) continue;
      const at = middle(table, i, view);
      if (!at) continue;
      const w = pen.measureText(text).width;
      if (at.straight < w * 0.7 || at.length < w) continue;
      const cos = Math.abs(Math.cos(at.angle)), sin = Math.abs(Math.sin(at.angle)), h = 16 * view.size;
      const dx = (w * cos + h * sin) / 2, dy = (w * sin + h * cos) / 2;
      const box = [at.x - dx, at.y - dy, at.x + dx, at.y + dy];
      if (!isWhole(view, box) || !view.boxes.isFree(box) || !isApart(text, at.x, at.y, 420 * view.size)) continue;
      view.boxes.add(box);
      nameAlong(pen, view, text, at, w);
    }
  };

  /* Arrow heads every so often along lines whose style asks for them. */
  Roadseam.paintArrows = function (pen, table, rows, view) {
    const { ptr, x, y } = table;
    const step = 90 * view.size, r = 5.5 * view.size;
    let walked = step / 2;
    for (const i of rows) {
      const style = table.head.styles[table.style[i]];
      if (!style.arrows) continue;
      for (let k = ptr[i]; k < ptr[i + 1] - 1; k++) {
        const ax = x[k] * view.scale - view.x, ay = y[k] * view.scale - view.y;
        const bx = x[k + 1] * view.scale - view.x, by = y[k + 1] * view.scale - view.y;
        const part = Math.hypot(bx - ax, by - ay);
        let at = step - walked;
        for (; at < part; at += step) {
          const px = ax + ((bx - ax) * at) / part, py = ay + ((by - ay) * at) / part;
          if (!inside(view, px, py, 10)) continue;
          const ux = (bx - ax) / part, uy = (by - ay) / part;
          pen.beginPath();
          pen.moveTo(px + ux * r * 1.5, py + uy * r * 1.5);
          pen.lineTo(px - ux * r - uy * r, py - uy * r + ux * r);
          pen.lineTo(px - ux * r * 0.4, py - uy * r * 0.4);
          pen.lineTo(px - ux * r + uy * r, py - uy * r - ux * r);
          pen.closePath();
          pen.lineJoin = 'round';
          pen.strokeStyle = view.theme.colors.paper; pen.lineWidth = 2.5 * view.size; pen.stroke();
          pen.fillStyle = style.text; pen.fill();
        }
        walked = part - (at - step);
      }
    }
  };
})();
