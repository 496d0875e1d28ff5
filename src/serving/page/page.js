/* The page: asks /stats every two seconds, /model when another one speaks, and
 * shows both. */
import * as figures from './figures.js';
import { setProfile, showGap, showStats, startLive } from './live.js';
import { redrawScore, showForm, startScore } from './score.js';
import { fillList } from './table.js';
import { follow } from './theme.js';

const INTERVAL_MS = 2000;

const $ = (id) => document.getElementById(id);
let shown = ''; /* version of the model on the page */

async function ask(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error(`${path}: ${answer.status}`);
  }
  return answer.json();
}

/* ---- state -------------------------------------------------------------- */

function showState(kind, word, banner) {
  $('state').dataset.state = kind;
  $('state').textContent = word;
  $('banner').textContent = banner;
  $('banner').hidden = !banner;
}

function showServerState({ model, reason, draining }) {
  if (draining) {
    showState('wait', 'draining',
      'The server is finishing its requests and will stop.');
  } else if (!model) {
    showState('bad', 'no model', `No model is loaded: ${
      reason || 'none was found'}. A sound one goes live once it is there.`);
  } else {
    showState('good', 'serving', reason &&
      `Another model was refused: ${reason}. The one below goes on.`);
  }
  $('model').hidden = $('score').hidden = !model;
}

/* ---- the model ---------------------------------------------------------- */

const decimals = (x, n) => (typeof x === 'number' ? x.toFixed(n) : '–');

function showMetrics({ metrics, training_profile: profile }) {
  const m = metrics ?? {};
  fillList($('metrics'), [
    ['Log loss', decimals(m.log_loss, 4),
      m.base_log_loss && `base rate alone ${decimals(m.base_log_loss, 4)}`],
    ['ROC AUC', decimals(m.roc_auc_score, 4)],
    ['Normalized entropy', decimals(m.normalized_entropy, 4),
      'below 1 is better'],
    ['Calibration', decimals(m.calibration_ratio, 3), 'predicted ÷ clicked'],
    ['Base rate', profile ? figures.percent(profile.base_rate) : '–',
      m.rows && `of ${figures.count(m.rows)} validation rows`],
  ]);
}

function showFacts(model) {
  fillList($('facts'), [
    ['Trained', figures.date(Date.parse(model.created) / 1000),
      `by clickmill ${model.clickmill_version}`],
    ['Live since', figures.date(model.loaded)],
    ['Trees', figures.count(model.trees), `over ${
      figures.count(model.features.length)} features of ${
      figures.count(model.columns.length)} columns`],
    ['Self-test', `${figures.count(model.examples.length)} rows`,
      'gave the same when loaded'],
    ['Schema', model.schema],
  ]);
}

async function showModel() {
  const model = await ask('/model');
  $('version').textContent = model.version;
  $('program').textContent = `clickmill ${model.program}`;
  showMetrics(model);
  showFacts(model);
  setProfile(model.training_profile);
  showForm(model);
  shown = model.version;
}

/* ---- the loop ----------------------------------------------------------- */

async function look() {
  try {
    const stats = await ask('/stats');
    showServerState(stats);
    if (stats.model && stats.model.version !== shown) {
      await showModel();
    }
    showStats(stats);
  } catch {
    showState('bad', 'no answer',
      'The server does not answer. This page goes on asking.');
    showGap();
  }
}

async function lookForEver() {
  if (!document.hidden) {
    await look();
  }
  setTimeout(lookForEver, INTERVAL_MS);
}

follow(() => {
  startLive();
  redrawScore();
});
startScore();
startLive();
lookForEver();
