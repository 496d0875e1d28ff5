"""Figures and the report's page as others read them: SVG by an XML parser, the
page by a real Chromium, light and dark, from a desk to a phone.

    figures_parity.py PROBE_FIGURES
"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "common"))
from assertions import check, finish, skip  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (1280, 768, 390, 320)


def check_svg(path):
    """Well formed, nothing from elsewhere, and a text for who cannot see."""
    name = os.path.basename(path)
    root = ElementTree.parse(path).getroot()
    strange = [e.tag for e in root.iter() if not e.tag.startswith(SVG)]
    links = [v for e in root.iter() for k, v in e.attrib.items()
             if k.endswith("href") and not v.startswith("data:")]
    ok = (root.tag == SVG + "svg" and not strange and not links
          and root.find(SVG + "title").text and root.find(SVG + "desc").text
          and root.find(SVG + "rect") is not None)
    check("svg " + name, ok, [strange, links])
    texts = [e for e in root.iter(SVG + "text")]
    check("texts are texts, " + name, len(texts) >= 5, len(texts))


# Boxes as the browser's fonts draw them, in pixels of the figure.
TEXTS = """() => {
  const bad = [];
  for (const svg of document.querySelectorAll('svg')) {
    if (!svg.checkVisibility()) continue;
    const all = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')]
      .filter((t) => t.textContent).map((t) => {
        const b = t.getBoundingClientRect();
        const shrink = b.height > b.width ? 0 : b.height * .12;
        return {t: t.textContent, l: b.left, r: b.right,
                u: b.top + shrink, d: b.bottom - shrink};
      });
    const id = svg.closest('figure').id;
    boxes.forEach((a, i) => {
      if (a.l < all.left - 1 || a.r > all.right + 1 || a.u < all.top - 1
          || a.d > all.bottom + 1) bad.push(`${id}: ${a.t} is cut`);
      for (const b of boxes.slice(0, i)) {
        if (a.l < b.r - 1 && b.l < a.r - 1 && a.u < b.d - 1 && b.u < a.d - 1) {
          bad.push(`${id}: ${a.t} on ${b.t}`);
        }
      }
    });
  }
  return bad;
}"""

ACCESS = """() => {
  const bad = [];
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  if (new Set(ids).size !== ids.length) bad.push('an id twice');
  for (const image of document.querySelectorAll('img, svg')) {
    if (!(image.alt || image.getAttribute('aria-label'))) bad.push('no alt');
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption || !table.querySelector('th[scope=col]')
        || !table.querySelector('th[scope=row]')) bad.push('a bare table');
  }
  const levels = [...document.querySelectorAll('h1,h2,h3')]
    .map((h) => +h.tagName[1]);
  if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) {
    bad.push('not one h1');
  }
  levels.forEach((l, i) => { if (l > (levels[i - 1] || 0) + 1) bad.push(l); });
  for (const link of document.querySelectorAll('nav a')) {
    if (!document.querySelector(link.getAttribute('href'))) bad.push(link.href);
  }
  if (document.scripts.length) bad.push('a script');
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((c) => c / 255)
      .map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour !== 'rgba(0, 0, 0, 0)' ? colour
      : ground(element.parentElement);
  };
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3
      && n.textContent.trim());
    if (!own || !element.checkVisibility() || element.tagName === 'title') {
      continue;
    }
    const style = getComputedStyle(element);
    const a = light(element.closest('svg') ? style.fill : style.color);
    const b = light(ground(element));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(`${element.textContent.slice(0, 20)}: ${ratio}`);
  }
  return bad;
}"""

SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg')]
  .filter((s) => s.checkVisibility()).map((s) =>
    s.getBoundingClientRect().width / s.viewBox.baseVal.width * 11))"""


def check_page(browser, path, width, scheme):
    name = "%d px, %s" % (width, scheme)
    page = browser.new_page(viewport={"width": width, "height": 800},
                            color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    page.goto("file://" + path)
    strange = [u for u in asked if not u.startswith("data:")]
    check("asks for itself alone, " + name, len(strange) == 1, asked)
    check("says nothing, " + name, not said, said)
    scroll = page.evaluate("document.documentElement.scrollWidth")
    check("no scrolling to the side, " + name, scroll <= width, scroll)
    bad = page.evaluate(TEXTS)
    check("no text cut or on another, " + name, not bad, bad)
    bad = page.evaluate(ACCESS)
    check("names, order, contrast, " + name, not bad, bad)
    smallest = page.evaluate(SMALLEST)
    check("text is 10 px at least, " + name, smallest >= 10, smallest)
    page.close()


def check_print(browser, path):
    page = browser.new_page(color_scheme="dark")
    page.goto("file://" + path)
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate(
        "getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.querySelector('svg text'))"
                        ".fill")
    shown = page.evaluate("document.querySelector('.wide').checkVisibility()")
    check("printed light, wide", paper == "rgb(255, 255, 255)" and shown
          and ink in ("rgb(27, 34, 48)", "rgb(86, 96, 114)"),
          [paper, ink, shown])
    page.close()


def check_keyboard(browser, path):
    page = browser.new_page()
    page.goto("file://" + path)
    seen = []
    for _ in range(5):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(
            "document.activeElement.textContent.slice(0, 20)"))
    check("keys reach links and tables", len(set(seen)) == 5, seen)
    page.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        svgs = sorted(glob.glob(folder + "/figures/*.svg"))
        pngs = sorted(glob.glob(folder + "/figures/*.png"))
        check("every figure twice", len(svgs) == len(pngs) >= 20)
        for path in svgs:
            check_svg(path)
        index = os.path.join(folder, "index.html")
        size = os.path.getsize(index)
        check("the page is at most 3 MB", size <= 3000000, size)
        with open(index, encoding="utf-8") as file:
            hosts = set(re.findall(r"https?://[^\"' )]+", file.read()))
        check("no host is named", not hosts, hosts)
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            skip("no playwright in build/venv")
        if not os.path.exists(CHROMIUM):
            skip("no " + CHROMIUM)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM,
                                                 args=["--no-sandbox"])
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    check_page(browser, index, width, scheme)
            check_print(browser, index)
            check_keyboard(browser, index)
            browser.close()
    finish()


main()
