// The console's routing page: thresholds moved by mouse, finger and keyboard, what that would have meant, saving and undoing it.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { becomes, until } from './browser.mjs';
import { consolePage, settledRequests } from './console_pages.mjs';
import { FakeOperations } from './fake_operations.mjs';

const { fake, open: openPlace } = consolePage(FakeOperations.attach);

describe('the routing page', { concurrency: false }, () => {
  let page;
  let routing;
  let complaints;
  let allowed;

  beforeEach(() => {
    routing = fake.operations;
    allowed = [];
    complaints = [];
  });
  afterEach(() => assert.deepEqual(complaints, []));

  const open = async (query = '', options = {}) => {
    ({ page, complaints } = await openPlace(`/routing${query}`, { allow: allowed, ...options }));
    await slider('Ask from').waitFor();
    await page.getByText('In force: ask from').waitFor();
  };
  const slider = (name) => page.getByRole('slider', { name, exact: true });
  const at = async (name) => Number(await slider(name).getAttribute('aria-valuenow'));
  const projection = async () => JSON.parse(await page.locator('[data-projection]').getAttribute('data-projection'));
  const settled = (ask, dispatch) => until('the projection of the place where it was left is shown', async () => {
    const asked = routing.requests.some(({ path, query }) => path === '/routing/projection' && Number(query.ask_at) === ask && Number(query.dispatch_at) === dispatch);
    return asked && await page.locator('[aria-busy="false"] [data-projection]').count() === 1;
  });
  const save = () => page.getByRole('button', { name: 'Save for everybody' });

  /** The middle of a handle and where `p` is on the track. */
  async function places(name, p) {
    const handle = await slider(name).boundingBox();
    const track = await page.locator('.s-track').boundingBox();
    return { from: { x: handle.x + handle.width / 2, y: track.y + 80 }, to: { x: track.x + track.width * p, y: track.y + 90 } };
  }

  test('a threshold follows the mouse, and what the last days would have been follows it', async () => {
    await open();
    const before = await projection();
    const { from, to } = await places('Ask from', 0.1);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 40 });
    const whileDown = await until('figures change while the button is down', async () => (await projection()).answer !== before.answer && projection());
    assert.ok(whileDown.answer < before.answer);
    await page.mouse.up();
    assert.equal(await at('Ask from'), 0.1);
    await settled(0.1, 0.75);
    const asked = routing.requests.filter((request) => request.path === '/routing/projection');
    assert.ok(asked.length < 40, `${asked.length} requests for 40 steps`);
    const shown = await page.getByRole('group', { name: /^Projection/ }).innerText();
    const now = await projection();
    for (const text of [`${(now.answer * 100).toFixed(1)} %`, `$${now.usd.toFixed(2)}`, String(now.known_mistakes)]) assert.ok(shown.includes(text), `${text} in ${shown}`);
  });

  test('a button that is off looks so under the pointer, too', async () => {
    await open();
    await save().hover();
    const looks = await save().evaluate((button) => ({ over: button.matches(':hover'), off: button.ariaDisabled, at: getComputedStyle(button).backgroundColor }));
    await page.mouse.move(0, 0);
    assert.deepEqual(looks, { over: true, off: 'true', at: await save().evaluate((button) => getComputedStyle(button).backgroundColor) });
  });

  test('a threshold follows a finger', async () => {
    await open('', { hasTouch: true });
    const { from, to } = await places('Dispatch from', 0.6);
    const touch = await page.context().newCDPSession(page);
    const point = ({ x, y }) => [{ x, y }];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: point(from) });
    for (let step = 1; step <= 10; ++step) {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: point({ x: from.x + ((to.x - from.x) * step) / 10, y: to.y }) });
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await until('it is there', async () => await at('Dispatch from') === 0.6);
    await settled(0.35, 0.6);
  });

  test('a threshold follows the keys, and never passes the other one', async () => {
    await open();
    await slider('Ask from').focus();
    for (const key of ['ArrowRight', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
    assert.equal(await at('Ask from'), 0.36);
    await page.keyboard.press('PageDown');
    assert.equal(await at('Ask from'), 0.26);
    await page.keyboard.press('End');
    assert.equal(await at('Ask from'), 0.75);
    assert.equal(await slider('Dispatch from').getAttribute('aria-valuemin'), '0.75');
    await page.keyboard.press('Escape');
    assert.equal(await at('Ask from'), 0.35, 'Escape puts it back');
    await slider('Dispatch from').focus();
    await page.keyboard.press('Home');
    assert.equal(await at('Dispatch from'), 0.35);
    await settled(0.35, 0.35);
  });

  test('an answer that comes late does not replace a newer one', async () => {
    await open();
    const release = routing.delayNext('GET', '/routing/projection');
    await slider('Ask from').focus();
    await page.keyboard.press('PageDown');
    await until('the first is asked for', () => routing.requests.some(({ path, query }) => path === '/routing/projection' && query.ask_at === '0.25'));
    await page.keyboard.press('PageDown');
    release();
    await settled(0.15, 0.75);
    const share = routing.bins.filter((bin) => bin.from + 0.01 < 0.15).reduce((sum, bin) => sum + bin.answer, 0) / (await projection()).n;
    assert.equal((await projection()).answer, share);
  });

  test('it is saved with a reason, shown among the changes, and undone with one click', async () => {
    await open();
    await slider('Dispatch from').focus();
    await page.keyboard.press('ArrowRight');
    await save().click({ force: true });
    assert.deepEqual(routing.sent('PUT', '/routing'), [], 'nothing is saved without a reason');
    await page.getByLabel('Reason for the change').fill('fewer needless runs');
    await save().click();
    await page.getByText('“fewer needless runs”').waitFor();
    assert.deepEqual(routing.sent('PUT', '/routing'), [{ scope: 'global', ask_at: 0.35, dispatch_at: 0.76, reason: 'fewer needless runs', version: 4 }]);
    await page.getByText('In force: ask from 0.35 (this console), dispatch from 0.76 (this console).').waitFor();
    assert.ok(await save().evaluate((button) => button === document.activeElement), 'the focus stays');
    await page.getByRole('button', { name: 'Undo the change of Everybody, everywhere' }).click();
    await page.getByText('In force: ask from 0.35 (the built-in default), dispatch from 0.75 (the built-in default).').waitFor();
    assert.equal(await at('Dispatch from'), 0.75);
  });

  test('a second change is undone to the first one', async () => {
    routing.history.unshift({ version: 4, scope: 'global', ask_at: 0.4, dispatch_at: 0.8, prices: null, reason: 'second', by: 'ben', at: new Date().toISOString() },
      { version: 3, scope: 'global', ask_at: 0.3, dispatch_at: 0.7, prices: null, reason: 'first', by: 'ada', at: new Date(0).toISOString() });
    await open();
    await page.getByRole('button', { name: 'Undo the change of Everybody, everywhere' }).click();
    await until('it is put back', () => routing.sent('PUT', '/routing').length === 1);
    const { reason, ...rest } = routing.sent('PUT', '/routing')[0];
    assert.deepEqual(rest, { scope: 'global', ask_at: 0.3, dispatch_at: 0.7, version: 4 });
    assert.match(reason, /second/);
  });

  /** Ben saves, and no open page is told. */
  function saveElsewhere() {
    Object.assign(routing.routing, { version: 9, ask_at: 0.22, ask_at_from: 'console' });
    routing.history.unshift({ version: 9, scope: 'global', ask_at: 0.22, dispatch_at: 0.75, prices: null, reason: 'too many answers', by: 'ben', at: new Date().toISOString() });
  }

  test('where somebody else was faster, it says who, keeps what was dragged, and saves it on top when told to', async () => {
    allowed.push(409);
    await open();
    await settledRequests(fake, '/routing');
    saveElsewhere();
    await slider('Ask from').focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByLabel('Reason for the change').fill('mine');
    await save().click();
    const look = page.getByRole('button', { name: 'Look at what is in force' });
    assert.match(await page.getByRole('alert').evaluate((node) => node.className), /notice/, 'it looks like a notice');
    await look.click();
    const overtaken = page.getByRole('alert').filter({ hasText: 'ben changed Everybody, everywhere' });
    await overtaken.getByText('In force here: ask from 0.22, dispatch from 0.75. Yours are kept and not saved.').waitFor();
    assert.match(await overtaken.innerText(), /too many answers/);
    assert.equal(await at('Ask from'), 0.34);
    await save().click();
    await page.getByText('In force: ask from 0.34 (this console)').waitFor();
    assert.equal(routing.sent('PUT', '/routing').at(-1).version, 9);
  });

  test('what is dragged stays when somebody else saves, and their values are one click away', async () => {
    await open();
    await slider('Ask from').focus();
    await page.keyboard.press('ArrowLeft');
    saveElsewhere();
    fake.send({ type: 'routing', version: 9 });
    await page.getByText('ben changed Everybody, everywhere').waitFor();
    assert.equal(await at('Ask from'), 0.34);
    await page.getByRole('button', { name: 'Take what is in force' }).click();
    await until('the values of the other are shown', async () => await at('Ask from') === 0.22);
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  test('a threshold is typed with a point or a comma, and what is no number is said', async () => {
    await open();
    const field = page.getByLabel('Ask from p =');
    await field.fill('0,5');
    await page.keyboard.press('Enter');
    await until('the handle is there', async () => await at('Ask from') === 0.5);
    await becomes(() => field.inputValue(), '0.5');
    await field.fill('often');
    await page.keyboard.press('Tab');
    await page.getByRole('alert').filter({ hasText: 'A number from 0 to 1, such as 0.5.' }).waitFor();
    assert.equal(await at('Ask from'), 0.5);
    await field.fill('.4');
    await field.press('Enter');
    await until('the handle is there', async () => await at('Ask from') === 0.4);
    assert.equal(await page.getByRole('alert').count(), 0);
    await field.press('ArrowUp');
    await becomes(() => field.inputValue(), '0.41');
  });

  test('prices are another way to set them', async () => {
    await open();
    await page.getByText('Set them by prices instead').click();
    await page.getByLabel('A needless dispatch').fill('0.5');
    await page.getByLabel('A missed dispatch').fill('1');
    await page.getByLabel('One question').fill('0,1');
    await page.getByRole('button', { name: 'Show on the chart' }).click();
    assert.deepEqual([await at('Ask from'), await at('Dispatch from')], [0.1, 0.8]);
    await page.getByLabel('Reason for the change').fill('prices of May');
    await save().click();
    await page.getByText('“prices of May”').waitFor();
    assert.deepEqual(routing.sent('PUT', '/routing')[0], { scope: 'global', prices: { needless_dispatch: 0.5, missed_dispatch: 1, question: 0.1 }, reason: 'prices of May', version: 4 });
  });

  test('a chat and a person can have their own, kept in the address', async () => {
    await open('?scope=chat+tg:-100123');
    assert.equal(await at('Dispatch from'), 0.9);
    for (const path of ['/routing/projection', '/routing/distribution']) {
      assert.ok(routing.requests.filter((request) => request.path === path).every(({ query }) => query.scope === 'chat tg:-100123'), `${path} is asked for that chat's turns alone`);
    }
    await page.getByRole('button', { name: 'Change those of Person team:U7' }).click();
    await until('the person is chosen', async () => await at('Ask from') === 0.5);
    assert.match(page.url(), /scope=user\+team:U7/);
    await page.getByRole('button', { name: 'Drop those of Person team:U7' }).click();
    await page.getByRole('button', { name: 'Drop those of Person team:U7' }).waitFor({ state: 'detached' });
    assert.equal(routing.routing.overrides.length, 1);
    await page.getByLabel('Id', { exact: true }).fill('team:C9');
    await page.getByRole('button', { name: 'Set its thresholds' }).click();
    await page.getByLabel('Reason for the change').fill('quiet channel');
    await slider('Ask from').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Save for this chat' }).click();
    await until('it is saved', () => routing.sent('PUT', '/routing')[0]?.scope === 'chat team:C9');
  });

  test('effective settings say where each comes from', async () => {
    await open();
    await page.getByLabel('Chat', { exact: true }).fill('tg:-100123');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    const row = page.getByRole('row').filter({ hasText: 'routing.dispatch_at' });
    assert.match((await row.innerText()).replaceAll(/\s+/g, ' '), /routing\.dispatch_at 0\.9 the chat’s section of the file 0\.75 \(the built-in default\)/);
    assert.deepEqual(routing.requests.find(({ path }) => path === '/routing/effective').query, { chat: 'tg:-100123' });
  });

  test('a sentence is tried, with p, the decision, its words and the why', async () => {
    await open();
    await page.getByLabel('Message').fill('build me a REST API');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('The specialist starts', { exact: true }).waitFor();
    await page.getByText('p = 0.91', { exact: true }).waitFor();
    assert.deepEqual(routing.sent('POST', '/routing/try'), [{ text: 'build me a REST API', model: false }]);
    await page.getByText('p is 0.91, and from 0.75 on the specialist starts.').waitFor();
    const bars = await page.locator('.s-weight').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().width));
    assert.ok(bars.length === 4 && bars[0] > bars[1] && bars[1] > bars[3], `widths ${bars}`);
  });

  test('too few labels are said instead of drawn', async () => {
    Object.assign(routing.figures, { n_labelled: 12, reliability: null, roc: null, learning: null, auroc: null, ece: null, brier: null });
    await open();
    await page.getByText('12 labels: too few for a reliability diagram. About 8 more verdicts').waitFor();
    assert.equal(await page.getByRole('img', { name: 'Reliability diagram' }).count(), 0);
    await becomes(() => page.getByRole('img', { name: 'Drift by day' }).count(), 1, 'drift needs no labels');
  });

  test('a viewer sees and tries, but cannot save; the server has the last word', async () => {
    allowed.push(403);
    fake.me.role = 'viewer';
    await open();
    await slider('Ask from').focus();
    await page.keyboard.press('ArrowLeft');
    await settled(0.34, 0.75);
    await page.getByLabel('Reason for the change').fill('mine');
    assert.equal(await save().getAttribute('aria-disabled'), 'true');
    await page.getByText('You are signed in as viewer. This needs the role operator.').first().waitFor();
    await save().click({ force: true });
    assert.deepEqual(routing.sent('PUT', '/routing'), []);

    fake.me.role = 'operator';
    await page.reload();
    await slider('Ask from').focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByLabel('Reason for the change').fill('mine');
    fake.me.role = 'viewer';  // taken away while the page is open
    await save().click();
    await page.getByRole('alert').getByText('The role viewer may not do this.').waitFor();
    assert.equal(routing.routing.version, 4);
  });
});
