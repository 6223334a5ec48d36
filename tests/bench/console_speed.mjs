// How soon the console is there beside a large history: first paint, when it takes keys and clicks, when the rows stand, and what
// a filter takes from the key to the rows. Prints medians of some loads, each with an empty cache.
//
//   build/release/backlog --fill FOLDER
//   FRONTDESK_BIN=build/release/frontdesk FRONTDESK_NODE_MODULES=build/npm/tests/node_modules node tests/bench/console_speed.mjs FOLDER

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { launch, until } from '../browser/browser.mjs';

const kLoads = 9;
const folder = process.argv[2];
if (!folder || !process.env.FRONTDESK_BIN) throw new Error('A folder that `backlog --fill` made must be named, and FRONTDESK_BIN.');

const child = spawn(process.env.FRONTDESK_BIN, ['serve', '--config', join(folder, 'frontdesk.toml'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
let log = '';
child.stderr.on('data', (chunk) => { log += chunk; });
const base = await until('the program listens', () => /listening on (http:\S+)/.exec(log)?.[1], 60000);

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Runs in the page before anything of it: notes when what can be used, and what is to be seen, is there. */
function watch() {
  const seen = window.seen = { longest: 0 };
  new PerformanceObserver((list) => { for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration); }).observe({ entryTypes: ['longtask'] });
  const look = () => {
    // The frame is drawn in one piece: its links, buttons and keys act from then on.
    if (!seen.usable && document.querySelector('#console .sections a')) seen.usable = performance.now();
    if (!seen.rows && document.querySelector('.table.log tbody tr')) seen.rows = performance.now();
    if (!seen.rows) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function load(browser, cookies, place) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.addInitScript(watch);
  const tools = await context.newCDPSession(page);
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(base + place);
  await page.waitForFunction(() => window.seen.rows);
  const { metrics } = await tools.send('Performance.getMetrics');
  const cpu = 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  const seen = await page.evaluate(() => ({ ...window.seen, paint: performance.getEntriesByName('first-contentful-paint')[0].startTime }));
  const begin = await page.evaluate(() => {
    const rows = document.querySelector('.table.log');
    const at = performance.now();
    return new Promise((resolve) => {
      const done = new MutationObserver(() => { if (location.search && rows.getAttribute('aria-busy') === 'false') { done.disconnect(); resolve(performance.now() - at); } });
      done.observe(rows, { attributes: true, subtree: true, childList: true });
      const field = document.querySelector('select[name=outcome]');
      field.value = 'answered';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
  });
  await context.close();
  return { ...seen, filter: begin, cpu };
}

const browser = await launch();
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}/admin`);
  await page.getByLabel('Password').fill('password-of-the-bench');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#console .sections').waitFor();
  const cookies = await context.cookies();
  const loads = [];
  await load(browser, cookies, '/admin/log');  // the first one warms the browser up
  for (let n = 0; n < kLoads; n += 1) loads.push(await load(browser, cookies, '/admin/log'));
  const line = (name, of, goal) => console.log(`${name.padEnd(52)} median ${median(loads.map(of)).toFixed(0).padStart(5)} ms, worst ${Math.max(...loads.map(of)).toFixed(0).padStart(5)} ms${goal ? ` (goal: < ${goal} ms)` : ''}`);
  line('first paint', (seen) => seen.paint, 1000);
  line('links, buttons and keys act', (seen) => seen.usable, 300);
  line('the newest rows stand', (seen) => seen.rows, 1000);
  line('a filter, from the choice to its rows', (seen) => seen.filter);
  line('longest task of the page', (seen) => seen.longest);
  line('CPU of the page until the rows stand', (seen) => seen.cpu);
} finally {
  await browser.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('close', resolve));
}
