// What holds for every page of the console: nothing for axe to find, no script by what others wrote, no page wider than its window.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './accessibility.mjs';
import { consolePage, lead } from './console_pages.mjs';

const { fake, open } = consolePage((fake) => {
  fake.me.demo = true;
  fake.items.splice(0, 124);  // axe looks at every row
  fake.review = fake.items.slice(-4).map((item) => ({ ...item, why: ['near_threshold', 'blocked'] }));
  fake.changes = [{ id: 1, at: new Date().toISOString(), by: 'ada', what: 'routing', scope: 'global', before: { ask_at: 0.3 }, after: { ask_at: 0.35 }, reason: 'fewer questions' }];
});

/** Place and the text by which it is there. */
const places = [['/log', 'add tests to the task API'], ['/log?outcome=success&p_min=0.2', 'Clear all'], ['/log/132', 'How this is known'], ['/log/135', 'How this is known'], ['/log/totals?by=day', 'dispatched'], ['/log/search?q=task', 'in the message'],
  ['/log/approvals', 'pip install flask'], ['/log/changes', 'fewer questions'], ['/log/chain', 'Prove it'], ['/review', 'near a threshold']];

async function show(page, place, text) {
  if (!page.url().endsWith(place)) await lead(page, place);
  await page.getByText(text).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('main .waiting'));
}

test('axe finds nothing on any page, in either colour scheme', async () => {
  const { page, complaints } = await open(places[0][0], { reducedMotion: 'reduce' });
  const look = async (where) => {
    assert.deepEqual(await violations(page), [], where);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await violations(page, { colours: true }), [], `${where} in the dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  };
  for (const [place, text] of places) {
    await show(page, place, text);
    await look(place);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [place, text] of places.filter(([path]) => ['/log', '/log/132', '/review'].includes(path))) {
    await show(page, place, text);
    await look(`${place} on a phone`);
  }
  assert.deepEqual(complaints, []);
});

test('no page is wider than its window, from 360 px to 1440 px and at 200 %', async () => {
  const { page } = await open(places[0][0]);
  for (const [place, text] of places) {
    await show(page, place, text);
    for (const width of [360, 640, 768, 1024, 1440]) {
      await page.setViewportSize({ width, height: 500 });
      const inside = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(inside <= width, `${place} at ${width} px is ${inside} px wide`);
    }
  }
});

test('what others wrote stays text, wherever it stands', async () => {
  const evil = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>"><svg onload=document.title="owned">';
  const poison = (value) => (typeof value === 'string' && !/^\d{4}-\d\d-\d\dT/.test(value) ? `${value} ${evil}` : Array.isArray(value) ? value.map(poison)
    : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, ['kind', 'action', 'outcome', 'state', 'dispatch'].includes(name) || name.endsWith('_html') ? inner : poison(inner)])) : value);
  const api = fake.answerOf.bind(fake);
  fake.answerOf = (call) => {
    const [status, value] = api(call);
    return [status, ['/me', '/overview'].includes(call.path) ? value : poison(value)];
  };
  fake.me.name = evil;
  const { page, complaints } = await open('/log');
  for (const [place] of places) {
    await show(page, place, 'onerror');
    const strange = await page.evaluate(() => document.querySelectorAll('main img, main script, main svg[onload], aside img[src="x"]').length);
    assert.equal(strange, 0, place);
    assert.doesNotMatch(await page.title(), /owned/, place);
  }
  assert.deepEqual(complaints, []);
});
