// Starts Debian's Chromium for the tests. playwright-core is found in the folder that FRONTDESK_NODE_MODULES names.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const flags = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Result: a browser with an empty profile of its own. */
export async function launch() {
  const { chromium } = loadPlaywright();
  return chromium.launch({ executablePath: findChromium(), args: ['--headless=new', ...flags], chromiumSandbox: process.getuid() !== 0 });
}

function loadPlaywright() {
  const folder = process.env.FRONTDESK_NODE_MODULES;
  const require = createRequire(folder ? join(folder, 'resolve.js') : import.meta.url);
  try {
    return require(folder ? join(folder, 'playwright-core') : 'playwright-core');
  } catch (error) {
    throw new Error('playwright-core was not found: FRONTDESK_NODE_MODULES must name a node_modules folder that holds it.', { cause: error });
  }
}

function findChromium() {
  if (process.env.FRONTDESK_CHROMIUM) return process.env.FRONTDESK_CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch { /* not in this folder */ }
    }
  }
  throw new Error('No Chromium was found on PATH: install Debian\'s package "chromium" or set FRONTDESK_CHROMIUM.');
}

/** Collects what the page complains of. Expected failures of requests are named by their status: {allow: [503]}. */
export function watchComplaints(page, { allow = [] } = {}) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`page error: ${error.stack ?? error}`));
  page.on('console', (message) => {
    const text = message.text();
    const expected = allow.some((status) => text.includes(`status of ${status}`) || text.includes(status));
    if (['error', 'warning'].includes(message.type()) && !expected) complaints.push(`${message.type()}: ${text}`);
  });
  return complaints;
}

/** Waits until `check` gives something true. Result: that. Throws with `what` in its sentence after `timeoutMs`. */
export async function until(what, check, timeoutMs = 30000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until what `read` gives equals `wanted`, and fails with both where it does not in time. */
export async function becomes(read, wanted, message) {
  let last;
  await until('it is as wanted', async () => isDeepStrictEqual(last = await read(), wanted), 15000)
    .catch(() => assert.deepEqual(last, wanted, message));
}

/** As if the person looked at another tab, or back. */
export function setHidden(page, hidden) {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
