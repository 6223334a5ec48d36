// What the tests of the chat page share: one browser, one stand-in for the program and, where a test wants nothing special, one tab,
// all of them as new for each test.

import { after, afterEach, before, beforeEach } from 'node:test';
import { launch, until, watchComplaints } from './browser.mjs';
import { FakeServer } from './fake_server.mjs';

const window = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' };

/** To be called once, at the top of a file of tests. */
export async function chatPage() {
  const fake = new FakeServer();
  let browser;
  let shared;
  let own = [];

  before(async () => {
    await fake.listen();
    browser = await launch();
    shared = await (await browser.newContext(window)).newPage();
  });
  after(async () => {
    await browser?.close();
    await fake.stop();
  });
  beforeEach(() => fake.reset());
  afterEach(async () => {
    await Promise.all(own.map((page) => page.context().close()));
    own = [];
    for (const page of shared.context().pages()) if (page !== shared) await page.close();
    shared.removeAllListeners('console').removeAllListeners('pageerror');
    await shared.context().setOffline(false);
    // A tab remembers what was begun in it, and the browser the colours.
    await shared.evaluate(() => { sessionStorage.clear(); localStorage.clear(); }).catch(() => {});
    await shared.goto('about:blank');
    fake.cutStreams();
    await shared.setViewportSize(window.viewport);
  });

  /** Opens the page and waits until it is connected. `allow` names the complaints that the test provokes, `prepare` gets the tab
   *  before; whoever has a wish about the window gets a tab of their own. */
  async function open({ path = '', allow = [], prepare, ...options } = {}) {
    let page = shared;
    if (prepare || Object.keys(options).length) {
      page = await (await browser.newContext({ ...window, ...options })).newPage();
      own.push(page);
    }
    page.setDefaultTimeout(10000);
    const complaints = watchComplaints(page, { allow });
    await prepare?.(page);
    await page.goto(fake.url + path);
    await connected(page);
    return { page, complaints };
  }

  /** The page opens its stream and then asks for the state once more. */
  async function connected(page) {
    await until('the page has opened its stream', () => fake.openStreams() > 0);
    await page.locator('#about').filter({ hasText: 'Frontdesk 0.1.0' }).waitFor({ state: 'attached' });
  }

  return { fake, open, connected };
}
