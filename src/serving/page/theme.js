/* Colours and fonts of the charts: those of page.css, light or dark. */

const names = ['ink', 'soft', 'line', 'panel', 'accent', 'up', 'down', 'bad',
  'training', 'p50', 'p95', 'p99'];

export function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/* Sets what all charts share; calls redraw when the colours change. */
export function follow(redraw) {
  const set = () => {
    const { soft, line } = colours();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.color = soft;
    Chart.defaults.borderColor = line;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.plugins.legend.display = false;
  };
  set();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    set();
    redraw();
  });
}
