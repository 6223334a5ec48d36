// What the tests of the console share: one browser, one stand-in for the program and, where a test wants nothing special, one tab, all of
// them as new for each test.

import { after, afterEach, before, beforeEach } from 'node:test';
import { launch, until, watchComplaints } from './browser.mjs';
import { FakeConsole } from './fake_console.mjs';

const kWindow = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' };

/** To be called once, at the top of a file of tests. `attach` puts more behind the stand-in, before each test. */
export function consolePage(attach = () => {}) {
  const fake = new FakeConsole();
  let browser;
  let shared;
  let own = [];

  before(async () => {
    await fake.listen();
    browser = await launch();
    shared = await (await browser.newContext(kWindow)).newPage();
  });
  after(async () => {
    await browser?.close();
    await fake.stop();
  });
  beforeEach(() => {
    fake.reset();
    attach(fake);
  });
  afterEach(async () => {
    await Promise.all(own.map((page) => page.context().close()));
    own = [];
    shared.removeAllListeners('console').removeAllListeners('pageerror');
    // The browser remembers the colours, and which keys are off.
    await shared.evaluate(() => { localStorage.clear(); }).catch(() => {});
    await shared.goto('about:blank');
    fake.cutStreams();
    await shared.setViewportSize(kWindow.viewport);
  });

  /** Opens that place ("/log?outcome=success") and waits until it is live. `allow` names the complaints that the test provokes, `clock`
   *  puts the test in charge of the page's time; whoever has a wish about the window gets a tab of their own. */
  async function open(place = '', { allow = [], clock = false, ...options } = {}) {
    let page = shared;
    if (clock || Object.keys(options).length) {
      page = await (await browser.newContext({ ...kWindow, ...options })).newPage();
      own.push(page);
    }
    page.setDefaultTimeout(10000);
    if (clock) await page.clock.install();
    const complaints = watchComplaints(page, { allow });
    await page.goto(fake.url + place);
    await page.getByText('Live', { exact: true }).waitFor();
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
