/* The day of the crews as rows. Texts come as data and go into the page as text nodes, never as markup. */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector('.gantt');
  const span = Math.max(1, data.to - data.from);
  const left = (at) => `${(100 * (at - data.from)) / span}%`;
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text) node.textContent = text;
    return node;
  };
  const scroll = root.querySelector('.rows');
  const top = scroll ? scroll.scrollTop : 0;

  const keys = make('div', 'keys');
  for (const kind of ['drive', 'wait', 'work', 'break', 'joint', 'done']) {
    if ((kind === 'joint' && !data.rows.some((row) => row.blocks.some((b) => b.joint)))
      || (kind === 'done' && !data.rows.some((row) => row.blocks.some((b) => b.done)))
      || (kind === 'break' && !data.rows.some((row) => row.blocks.some((b) => b.kind === 'break')))
      || (kind === 'wait' && !data.rows.some((row) => row.blocks.some((b) => b.kind === 'wait')))) continue;
    const key = make('span', 'key');
    key.append(make('i', `swatch ${kind}`), document.createTextNode(data.words[kind]));
    keys.append(key);
  }

  const axis = make('div', 'line axis');
  const hours = make('div', 'lane');
  data.hours.forEach(([at, text], k) => {
    const mark = make('span', 'hour', text);
    if (k === 0) mark.classList.add('first');
    if (k === data.hours.length - 1) mark.classList.add('last');
    mark.style.left = left(at);
    hours.append(mark);
  });
  axis.append(make('span', 'name'), hours, make('span', 'amount'));

  const rows = make('div', 'rows');
  rows.setAttribute('role', 'table');
  rows.setAttribute('aria-label', data.words.label);
  rows.append(axis);
  for (const row of data.rows) {
    const line = make('div', 'line');
    line.setAttribute('role', 'row');
    if (data.only && data.only !== row.crew) line.classList.add('pale');
    const name = make('button', 'name', row.name);
    name.type = 'button';
    name.setAttribute('aria-pressed', String(data.only === row.crew));
    name.addEventListener('click', () => setTriggerValue('chosen', { crew: row.crew, task: '' }));
    const lane = make('div', 'lane');
    lane.style.setProperty('--crew', row.color);
    lane.style.setProperty('--ink', row.ink);
    for (const [at] of data.hours) {
      const grid = make('i', 'grid');
      grid.style.left = left(at);
      lane.append(grid);
    }
    for (const block of row.blocks) {
      const work = block.kind === 'work';
      const box = make(work ? 'button' : 'i', `block ${block.kind}`, block.text);
      box.style.left = left(block.from);
      box.style.width = `${(100 * (block.to - block.from)) / span}%`;
      box.title = block.title;
      if (block.joint) box.classList.add('joint');
      if (block.done) box.classList.add('done');
      if (work) {
        box.type = 'button';
        box.setAttribute('aria-label', `${row.name} ${block.title}`);
        box.dataset.task = block.task;
        if (block.task === data.selected) box.classList.add('chosen');
        box.addEventListener('click', () => setTriggerValue('chosen', { crew: row.crew, task: block.task }));
      }
      lane.append(box);
    }
    if (data.at !== null && data.at >= data.from && data.at <= data.to) {
      const now = make('i', 'now');
      now.style.left = left(data.at);
      lane.append(now);
    }
    line.append(name, lane, make('span', 'amount', row.amount));
    rows.append(line);
  }
  root.replaceChildren(keys, rows);
  rows.scrollTop = top;
}
