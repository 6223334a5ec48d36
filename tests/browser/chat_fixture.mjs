// What the tests of the chat page share: one browser, one stand-in for the program and, where a test wants nothing special, one tab,
// all of them as new for each test.

import { beforeEach } from 'node:test';
import { until, watchComplaints } from './browser.mjs';
import { FakeServer } from './fake_server.mjs';
import { sharedTab } from './shared_tab.mjs';

/** To be called once, at the top of a file of tests. */
export async function chatPage() {
  const fake = new FakeServer();
  const tab = sharedTab(fake);
  beforeEach(() => fake.reset());

  /** Opens the page and waits until it is connected. `allow` names the complaints that the test provokes, `prepare` gets the tab
   *  before; whoever has a wish about the window gets a tab of their own. */
  async function open({ path = '', allow = [], prepare, ...options } = {}) {
    const page = await tab(options, Boolean(prepare));
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
