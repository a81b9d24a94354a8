/* Road shields: SVG drawings from the header of the data file (views/map/shields.py) with a checked, escaped number
   put in, shown as pictures on the canvas along the roads. */
(function () {
  'use strict';
  const Roadseam = (window.Roadseam = window.Roadseam || {});
  const NUMBER = /^[GSXYC][0-9A-Z]{1,7}$/;
  const MOST_KEPT = 600;
  const MOST_IN_A_ROW = 3;
  const HEAD_ZOOM = 12.5;
  const pictures = new Map();

  function escape(text) { return text.replace(/[^A-Za-z0-9]/g, (letter) => '&#' + letter.codePointAt(0) + ';'); }

  /* The class of a road number, '' for what is none. */
  Roadseam.shieldClass = function (number, isExpressway) {
    if (!NUMBER.test(number)) return '';
    if (isExpressway && (number[0] === 'G' || number[0] === 'S')) return number[0] === 'G' ? 'national' : 'provincial';
    return number[0];
  };

  function sizeOf(looks, number, kind, isFull) {
    const width = looks.letter * number.length + 2 * looks.pad, look = looks.kinds[kind];
    return [look.head && isFull ? Math.max(width, looks.least) : width, isFull ? look.full_px : look.plain_px];
  }

  /* The SVG document of one shield. */
  Roadseam.shieldSvg = function (looks, number, kind, isFull, size) {
    const [w, h] = sizeOf(looks, number, kind, isFull);
    const values = {
      w, m: w / 2, i: w - 1.5, e: w - 4.5, l: looks.letter * number.length, x: w * size, y: h * size, t: escape(number),
    };
    return looks.kinds[kind][isFull ? 'full' : 'plain'].replace(/@([a-z])@/g, (mark, name) => values[name]);
  };

  /* A picture is drawn once the browser has read it: now, or on the same view a moment later. */
  function picture(looks, one, size) {
    const key = [one.number, one.kind, one.isFull, size].join(' ');
    let image = pictures.get(key);
    if (!image) {
      if (pictures.size >= MOST_KEPT) pictures.delete(pictures.keys().next().value);
      image = new Image();
      image.src = 'data:image/svg+xml,' + encodeURIComponent(Roadseam.shieldSvg(looks, one.number, one.kind, one.isFull, size));
      pictures.set(key, image);
    }
    return image;
  }

  function draw(pen, view, one, box) {
    const image = picture(view.theme.shields, one, view.size * view.ratio);
    const show = () => pen.drawImage(image, box[0], box[1], box[2] - box[0], box[3] - box[1]);
    if (image.complete && image.naturalWidth) { show(); return; }
    view.waiting += 1;
    image.addEventListener('load', () => {
      view.waiting -= 1;
      if (!view.isCurrent()) return;
      pen.save();
      pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      show();
      pen.restore();
    }, { once: true });
  }

  function shieldsOf(table, row, view) {
    const green = table.green ? table.green[row] : table.rank[row] <= 1;
    const found = [];
    for (const part of table.ref(row).split(/[;,/、 ]+/)) {
      const number = part.toUpperCase(), kind = Roadseam.shieldClass(number, green);
      if (kind && found.length < MOST_IN_A_ROW) found.push({ number, kind, isFull: view.zoom >= HEAD_ZOOM });
    }
    return found;
  }

  Roadseam.paintShields = function (pen, table, rows, view) {
    if (view.zoom < 11 || !table.head.refs) return;
    const looks = view.theme.shields, isApart = Roadseam.spacing(), gap = 3 * view.size;
    for (const [, i] of Roadseam.longRows(table, rows, view, 14)) {
      if (table.rank[i] === 1 || table.rank[i] > 6 || (table.rank[i] > 3 && view.zoom < 13)) continue;
      const found = table.ref(i) ? shieldsOf(table, i, view) : [];
      const at = found.length ? Roadseam.middle(table, i, view) : null;
      if (!at) continue;
      for (const one of found) one.px = sizeOf(looks, one.number, one.kind, one.isFull).map((side) => side * view.size);
      const width = found.reduce((sum, one) => sum + one.px[0] + gap, -gap), height = Math.max(...found.map((one) => one.px[1]));
      const box = [at.x - width / 2 - 4, at.y - height / 2 - 4, at.x + width / 2 + 4, at.y + height / 2 + 4];
      if (!Roadseam.isWhole(view, box) || !view.boxes.isFree(box)) continue;
      if (!isApart(found.map((one) => one.number).join(' '), at.x, at.y, 300 * view.size)) continue;
      view.boxes.add(box);
      let left = at.x - width / 2;
      for (const one of found) {
        draw(pen, view, one, [left, at.y - one.px[1] / 2, left + one.px[0], at.y + one.px[1] / 2]);
        view.shields.push({ number: one.number, kind: one.kind, left, top: at.y - one.px[1] / 2, px: one.px });
        left += one.px[0] + gap;
      }
    }
  };
})();
