// What the tests of the console share: one browser, one stand-in for the program and, where a test wants nothing special, one tab, all of
// them as new for each test.

import { beforeEach } from 'node:test';
import { until, watchComplaints } from './browser.mjs';
import { FakeConsole } from './fake_console.mjs';
import { sharedTab } from './shared_tab.mjs';

/**
 * Waits until the page has not asked for `path` for a while: whether it asks once more when its stream is open depends on which of the two
 * came first.
 */
export const settledRequests = (fake, path) => until(`${path} is asked for no more`, async () => {
  const before = fake.count(path);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return before > 0 && fake.count(path) === before;
});

/** To be called once, at the top of a file of tests. `attach` puts more behind the stand-in, before each test. */
export function consolePage(attach = () => {}) {
  const fake = new FakeConsole();
  const tab = sharedTab(fake);
  beforeEach(() => {
    fake.reset();
    attach(fake);
  });

  /** Opens that place ("/log?outcome=success") and waits until it is live. `allow` names the complaints that the test provokes, `clock`
   *  puts the test in charge of the page's time; whoever has a wish about the window gets a tab of their own. */
  async function open(place = '', { allow = [], clock = false, ...options } = {}) {
    const page = await tab(options, clock);
    if (clock) await page.clock.install();
    const complaints = watchComplaints(page, { allow });
    const asked = fake.count('/overview');
    await page.goto(fake.url + place);
    await page.getByText('Live', { exact: true }).waitFor();
    // What was asked for before the stream was open is asked for once more; a test begins behind that.
    await until('the page has asked again', () => fake.count('/overview') >= asked + 2);
    await until('the page knows who is signed in', () => fake.count('/me') > 0);
    return { page, complaints };
  }

  return { fake, open };
}

/** As a click on a link leads there: the page stays loaded. */
export function lead(page, place) {
  return page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/admin${place}`);
}

export const rows = (page) => page.locator('.table.log tbody tr');
export const ids = (page) => rows(page).evaluateAll((list) => list.map((row) => Number(row.dataset.id)));
