// axe-core, for the pages' accessibility. It is run by the debugger's way in, which a content security policy does not stop.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let source;

/** Result: what axe finds against WCAG 2.2 AA and its best practices, one line each. */
export async function violations(page) {
  const folder = process.env.FRONTDESK_NODE_MODULES;
  const require = createRequire(folder ? join(folder, 'resolve.js') : import.meta.url);
  source ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
  }));
  return found.violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 4).map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`));
}
