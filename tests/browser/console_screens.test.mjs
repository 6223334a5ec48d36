// The console's pages for routing, budgets, operations, people and health: each in every look, with nothing to show, with errors,
// and with texts of strangers in it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { overflow, violations } from './accessibility.mjs';
import { until } from './browser.mjs';
import { consolePage, lead } from './console_pages.mjs';
import { FakeOperations } from './fake_operations.mjs';

const sections = ['operations', 'routing', 'budgets', 'people', 'health'];
const shown = { operations: 'Chat services', routing: 'How good p is', budgets: 'What the secretary saves', people: 'Known people', health: 'In short' };
// Each width and each scheme once: axe takes seconds for a page.
const looks = [{ colorScheme: 'dark', viewport: { width: 360, height: 900 } }, { colorScheme: 'light', viewport: { width: 1440, height: 900 } }];
const hostile = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>" \' javascript:alert(1) \u202Etxt';

const { fake, open } = consolePage(FakeOperations.attach);

describe('the pages for operators', { concurrency: false }, () => {
  /** Runs with a stand-in that `prepare` has changed. */
  async function within(prepare, options, run, allow = []) {
    prepare(fake.operations, fake);
    const { page, complaints } = await open(`/${sections[0]}`, { allow, ...options });
    for (const section of sections) {
      await lead(page, `/${section}`);
      await page.getByRole('heading', { name: shown[section], exact: true }).waitFor();
      await until(`${section} has loaded`, async () => await page.locator('.waiting').count() === 0 && await page.locator('.panels').innerText() !== '');
      await run(page, section);
    }
    assert.deepEqual(complaints, []);
  }

  for (const look of looks) {
    test(`axe finds nothing in ${look.colorScheme} at ${look.viewport.width} px, and nothing is wider than the window`, async () => {
      await within(shortened, look, async (page, section) => {
        for (const summary of await page.locator('summary').all()) await summary.click();
        assert.deepEqual(await violations(page), [], section);
        assert.ok(await overflow(page) <= 0, `${section} is too wide by ${await overflow(page)} px`);
      });
    });
  }

  test('at 200 % zoom and without motion nothing is wider than the window', async () => {
    await within(() => {}, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, reducedMotion: 'reduce' }, async (page, section) => {
      assert.ok(await overflow(page) <= 0, section);
      assert.equal(await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length), 0, section);
    });
  });

  test('with nothing to show they say so', async () => {
    const says = { operations: 'Nothing waits for a person.', routing: 'No turn was decided here', budgets: 'Nobody has spent anything', people: 'Nobody has written yet.', health: 'Nothing was checked' };
    await within(emptied, {}, async (page, section) => {
      await page.getByText(says[section]).first().waitFor();
    });
  });

  test('what the server cannot tell stands there with its sentence, and can be tried again', async () => {
    const paths = { operations: '/overview', routing: '/routing/figures', budgets: '/savings', people: '/people', health: '/health' };
    const { operations } = fake;
    await within(() => {
      for (const path of Object.values(paths)) operations.broken.set(path, `${path} is broken.`);
    }, {}, async (page, section) => {
      const alert = page.getByRole('alert').filter({ hasText: `${paths[section]} is broken.` });
      await alert.first().waitFor();
      operations.broken.delete(paths[section]);
      for (let left = await alert.count(); left > 0; left = await alert.count()) {
        // The page may have asked again by itself meanwhile.
        await alert.first().getByRole('button', { name: 'Try again' }).click({ timeout: 5000 }).catch(() => {});
        await until('one of them is gone', async () => await alert.count() < left);
      }
    }, [500]);
  });

  test('texts of strangers stay text', async () => {
    await within(poisoned, {}, async (page, section) => {
      assert.ok((await page.locator('main').innerText()).includes('onerror="window.hurt=1"'), `${section} shows the text`);
      assert.equal(await page.locator('main img[src="x"], main script').count(), 0, section);
      assert.equal(await page.evaluate(() => window.hurt), undefined, section);
      assert.ok(await overflow(page) <= 0, section);
    });
  });
});

/** As much of everything that each kind of it is there: axe takes its time for each cell. */
function shortened(operations) {
  operations.bins = operations.bins.filter((_bin, index) => index % 10 === 0);
  operations.savings.days = operations.savings.days.slice(-4);
  // Several of the same kind.
  operations.deliveries = [...operations.deliveries, { ...operations.deliveries[0], id: 'msg_513.1' }];
  operations.inbox = [...operations.inbox, ...operations.inbox.map((item) => ({ ...item, id: `${item.id}0` }))];
  for (const name of ['roc', 'reliability', 'learning', 'drift']) operations.figures[name] = operations.figures[name].slice(-4);
}

function emptied(operations) {
  Object.assign(operations, { bins: [], history: [], inbox: [], platforms: [], deliveries: [], people: [], pairing: [], sessions: [], settings: [] });
  operations.routing.overrides = [];
  operations.figures = { n: 0, n_labelled: 0, needed_for_figures: 20, days: 30, reliability: null, roc: null, learning: null, drift: [], auroc: null, ece: null, brier: null, per_model: [] };
  operations.budgets = { timezone: 'UTC', run_limit: null, limits: [], most_of_a_kind: 50, stops_secretary: false };
  Object.assign(operations.savings.total, { turns: 0, actual: 0, all_strong: 0, saved: 0, dispatched: 0 });
  operations.savings.days = [];
  operations.health = { checks: [], running: false, at: null, disk: null, database: null };
  Object.assign(operations.overview, { queues: [], running: [], waiting: [], model: null });
}

/** Puts the hostile text into every text that a person, a model or a service may have written. */
function poisoned(operations) {
  const fill = (value, key = '') => {
    if (Array.isArray(value)) return value.map((item) => fill(item, key));
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, name)]));
    return typeof value === 'string' && ['name', 'title', 'detail', 'text', 'reason', 'step', 'project', 'chat', 'error', 'sentence', 'label', 'by', 'slug', 'address'].includes(key) ? `${hostile} ${value}` : value;
  };
  for (const part of ['history', 'settings', 'budgets', 'overview', 'inbox', 'platforms', 'deliveries', 'people', 'pairing', 'health', 'sessions']) operations[part] = fill(operations[part]);
}
