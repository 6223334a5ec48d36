// What axe-core finds on a page.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const colourRules = ['color-contrast', 'link-in-text-block'];

let source;

function axe() {
  const folder = process.env.FRONTDESK_NODE_MODULES;
  source ??= readFileSync(createRequire(folder ? join(folder, 'resolve.js') : import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  return source;
}

/** Result: one line for each violation of WCAG 2.2 AA and of axe's best practices, with the first node that has it. `colours`: only of
 *  what depends on the colour scheme, for a page that was looked at in the other one. */
export async function violations(page, { colours = false } = {}) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe());
  const { passes, violations: found } = await page.evaluate((run) => window.axe.run(run), { runOnly: colours ? { type: 'rule', values: colourRules } : rules });
  assert.ok(passes.length > (colours ? 0 : 10), 'axe looked at hardly anything');
  return found.map(({ id, help, nodes }) => `${id}: ${help}, ${nodes.length} times, first ${nodes[0].html.slice(0, 200)}`);
}

/** Result: by how many pixels the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
