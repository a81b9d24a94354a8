"""What a screen says to eyes and ears: contrast of every text, names of every control."""

from __future__ import annotations

from playwright.sync_api import Frame, Page

ROLES = frozenset(
    {"button", "checkbox", "combobox", "link", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox"}
)
_CONTRAST = """() => {
  const light = (c) => {
    const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  };
  const read = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map((k) => top[k] * a + under[k] * (1 - a)); };
  const ground = (node) => {
    const stack = [];
    for (let e = node; e; e = e.parentElement) {
      stack.push(read(getComputedStyle(e).backgroundColor));
      if ((stack.at(-1)[3] ?? 1) === 1) break;
    }
    return stack.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const node = n.parentElement, range = document.createRange();
    if (!n.data.trim() || node.closest('style, script, noscript, [data-testid="stSliderThumbValue"], :disabled')) continue;
    range.selectNode(n);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(node), back = ground(node), a = light(back), b = light(over(read(style.color), back));
    const px = parseFloat(style.fontSize), isLarge = px >= 24 || (px >= 18.66 && parseInt(style.fontWeight) >= 700);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) out.push(`${n.data.trim().slice(0, 20)}: ${ratio.toFixed(2)}`);
  }
  return out;
}"""


def faint_texts(frame: Page | Frame) -> list[str]:
    """Return the texts whose contrast is below 4.5, or 3 for large ones (WCAG 2.2 AA); a slider's value lies beside it."""
    found: list[str] = frame.evaluate(_CONTRAST)
    return found


def nameless_controls(page: Page) -> list[str]:
    """Return the controls, the map's too, that a screen reader would announce without a word."""
    client = page.context.new_cdp_session(page)
    top = client.send("Page.getFrameTree")["frameTree"]
    frames = [top["frame"]["id"], *(child["frame"]["id"] for child in top.get("childFrames", []))]
    nodes = [n for f in frames for n in client.send("Accessibility.getFullAXTree", {"frameId": f})["nodes"]]
    client.detach()
    told = [(n["role"]["value"], str(n.get("name", {}).get("value", ""))) for n in nodes if not n.get("ignored")]
    return [f"{role} {name!r}" for role, name in told if role in ROLES and not any(c.isalpha() for c in name)]
