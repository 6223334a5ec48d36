// Opens the console in the browser, against the stand-in for the program.

import { until, watchComplaints } from './browser.mjs';

/** Opens that place ("/log?outcome=success") and waits until it is live. `allow` names the complaints that the test provokes,
 *  `clock` puts the test in charge of the page's time. */
export async function openConsole(browser, fake, place = '', { allow = [], clock = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  if (clock) await page.clock.install();
  const complaints = watchComplaints(page, { allow });
  await page.goto(fake.url + place);
  await page.getByText('Live', { exact: true }).waitFor();
  await until('the page knows who is signed in', () => fake.count('/me') > 0);
  return { context, page, complaints };
}

export const rows = (page) => page.locator('.table.log tbody tr');
export const ids = (page) => rows(page).evaluateAll((list) => list.map((row) => Number(row.dataset.id)));
