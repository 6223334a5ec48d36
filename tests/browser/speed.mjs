// How long the chat page takes to be usable over loopback, and how many bytes it is: node tests/browser/speed.mjs
// FRONTDESK_BIN is the program, FRONTDESK_NODE_MODULES has playwright-core. A fresh browser profile for each cold load; each warm one has
// the assets of the load before it. Usable: the history is shown, and the message box takes words. Ends with 1 where a goal is missed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './browser.mjs';
import { Program } from './program.mjs';

const rounds = Number(process.argv[2] ?? 15);
const goalMs = 300;
const goalBytes = 150000;

const folder = mkdtempSync(join(tmpdir(), 'frontdesk-speed-'));
const program = new Program(folder, ['serve', '--demo', '--listen', '127.0.0.1:0'],
  { XDG_DATA_HOME: join(folder, 'data'), DISPATCH_PROJECTS_DIR: join(folder, 'projects') });
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
let browser;
try {
  const address = await program.address();
  browser = await launch();

  /** Result: ms from the beginning of the navigation. */
  const load = async (page, url) => {
    await page.goto(url);
    return page.evaluate(async () => {
      while (!performance.getEntriesByName('chat shown').length) await new Promise((resolve) => setTimeout(resolve, 5));
      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN;
      return { paint, usable: performance.getEntriesByName('chat shown')[0].startTime };
    });
  };
  const cold = [];
  const warm = [];
  const sizes = new Map();
  for (let i = 0; i < rounds; ++i) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${address.split('?')[0]}healthz`);
    const signedIn = await context.request.get(address, { maxRedirects: 0 });
    if (!signedIn.headers()['set-cookie']) throw new Error('the address gives no session');
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const received = new Map();
    session.on('Network.responseReceived', ({ requestId, response }) => received.set(requestId, new URL(response.url).pathname));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const path = received.get(requestId);
      if (path?.startsWith('/assets/') || path === '/') sizes.set(path, encodedDataLength);
    });
    cold.push(await load(page, address.split('?')[0]));
    await session.detach();
    warm.push(await load(page, address.split('?')[0]));
    await context.close();
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const line = (name, list) => `${name}: first paint ${median(list.map(({ paint }) => paint)).toFixed(0)} ms, usable ${median(list.map(({ usable }) => usable)).toFixed(0)} ms, `
    + `worst ${Math.max(...list.map(({ usable }) => usable)).toFixed(0)} ms (${list.length} loads)`;
  console.log(line('cold', cold));
  console.log(line('warm', warm));
  console.log(`sent for the chat page: ${(bytes / 1000).toFixed(1)} kB (${[...sizes].map(([path, size]) => `${path} ${size}`).join(', ')})`);
  const usable = median(cold.map((each) => each.usable));
  console.log(`goals: usable within ${goalMs} ms ${usable < goalMs ? 'met' : 'MISSED'}, ${goalBytes / 1000} kB ${bytes < goalBytes ? 'met' : 'MISSED'}`);
  process.exitCode = usable < goalMs && bytes < goalBytes ? 0 : 1;
} finally {
  await browser?.close();
  await program.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
