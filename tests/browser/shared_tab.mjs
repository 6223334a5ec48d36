// One browser, and one tab for all tests of a file that want nothing special, as new for each of them.

import { after, afterEach, before } from 'node:test';
import { launch } from './browser.mjs';

const kWindow = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' };

/**
 * To be called once, at the top of a file of tests, with the stand-in for the program. Result: gives a tab, one of its own where there
 * is a wish about the window or `alone` says so.
 */
export function sharedTab(fake) {
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
  afterEach(async () => {
    await Promise.all(own.map((page) => page.context().close()));
    own = [];
    for (const page of shared.context().pages()) if (page !== shared) await page.close();
    shared.removeAllListeners('console').removeAllListeners('pageerror');
    await shared.context().setOffline(false);
    // A tab remembers what was begun in it, and the browser the colours, and which keys are off. A page that is left may
    // still keep what it could not send, so it is left first, for one without a script.
    await shared.goto(`${fake.url}nothing`).catch(() => {});
    await shared.evaluate(() => { sessionStorage.clear(); localStorage.clear(); }).catch(() => {});
    await shared.goto('about:blank');
    fake.cutStreams();
    await shared.setViewportSize(kWindow.viewport);
  });

  return async (options, alone = false) => {
    let page = shared;
    if (alone || Object.keys(options).length) {
      page = await (await browser.newContext({ ...kWindow, ...options })).newPage();
      own.push(page);
    }
    page.setDefaultTimeout(10000);
    return page;
  };
}
