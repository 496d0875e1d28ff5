"""A real Chromium for the tests of pages; without one they are skipped.

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        view = Watched(browser, server, "/docs")
"""
import os

from server import PATIENCE, check, skip, wait_until

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGS = ["--no-sandbox"]

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    skip("no playwright in build/venv")
if not os.path.exists(CHROMIUM):
    skip("no " + CHROMIUM)


class Watched:
    """A page whose requests, messages and violations are kept."""

    def __init__(self, browser, server, path="/", **options):
        self.origin = "http://127.0.0.1:%d" % server.port
        self.page = browser.new_page(**options)
        self.page.set_default_timeout(PATIENCE * 1000)
        self.asked, self.said = [], []
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.add_init_script(
            "window.violations = [];"
            "document.addEventListener('securitypolicyviolation',"
            " (e) => violations.push(e.violatedDirective + e.blockedURI))")
        self.page.goto(self.origin + path)

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def text(self, selector):
        return self.page.text_content(selector)

    def until(self, name, script):
        ok = wait_until(lambda: self.run(script), pause=0.05)
        return check(name, ok, self.said)

    def close(self, expected=()):
        """expected: messages that are meant to be there."""
        strange = [url for url in self.asked
                   if not url.startswith(self.origin + "/")]
        check("no other host is asked", not strange, strange)
        said = [text for text in self.said
                if not any(word in text
                           for word in (*expected, "willReadFrequently"))]
        check("the console is silent", not said, said)
        check("the policy is kept", self.run("violations") == [])
        self.page.close()


def check_accessible(view, name):
    problems = view.run("""() => {
      const bad = [];
      for (const input of document.querySelectorAll(
        'input, textarea, select')) {
        if (!input.labels.length) bad.push(`no label: ${input.id}`);
      }
      for (const canvas of document.querySelectorAll('canvas')) {
        if (!canvas.getAttribute('aria-label')) bad.push(canvas.id);
        if (!canvas.closest('figure').querySelector('table')) {
          bad.push(`no table: ${canvas.id}`);
        }
      }
      const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
      if (new Set(ids).size !== ids.length) bad.push('an id twice');
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
      for (const element of document.querySelectorAll(
        'a, p, dt, dd, small, label, input, button, summary, h2, code, th,'
        + 'td, figcaption, .key')) {
        if (!element.checkVisibility() || element.closest('.stale')) continue;
        const a = light(getComputedStyle(element).color);
        const b = light(ground(element));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) {
          bad.push(`${element.tagName} ${element.textContent.slice(0, 20)}: `
            + ratio.toFixed(2));
        }
      }
      return bad;
    }""")
    check("labels, tables and contrast, " + name, not problems, problems)
