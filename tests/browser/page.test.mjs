// The chat page in a real browser, against a stand-in for the program (fake_server.mjs).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { becomes, setHidden, until } from './browser.mjs';
import { chatPage } from './chat_fixture.mjs';
import { fillWithSample } from './fake_server.mjs';

const { fake, open, connected } = await chatPage();

const articles = (page) => page.getByRole('log').getByRole('article');
const box = (page) => page.getByRole('textbox', { name: 'Message' });
const texts = (page) => articles(page).locator('.text').allInnerTexts();
const atEnd = (page) => page.$eval('#scroller', (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 60);

async function ask(page, text) {
  await box(page).fill(text);
  await box(page).press('Enter');
}

describe('asking', () => {
  test('a question appears once, and the answer follows it', async () => {
    const { page, complaints } = await open();
    await ask(page, 'what time is it\nin Tokyo?');
    await until('the question is stored', () => fake.bodies('/api/messages').length === 1);
    fake.say({ text: 'It is nine.', html: '<p>It is <strong>nine</strong>.</p>' });
    await page.getByText('It is nine.').waitFor();
    assert.deepEqual(await texts(page), ['what time is it\nin Tokyo?', 'It is nine.']);
    await becomes(() => box(page).inputValue(), '');
    assert.match(await articles(page).first().getAttribute('aria-label'), /^You, \d/);
    assert.match(await articles(page).last().getAttribute('aria-label'), /^Frontdesk, \d/);
    assert.deepEqual(complaints, []);
  });

  test('a question whose answer to the POST is slow does not stand there twice', async () => {
    const { page } = await open();
    const release = fake.delayNext('/api/messages');
    await ask(page, 'hello');
    await page.locator('article[data-id]').waitFor();
    assert.deepEqual(await texts(page), ['hello']);
    release();
    await page.waitForResponse((response) => response.url().endsWith('/api/messages'));
    assert.deepEqual(await texts(page), ['hello']);
  });

  test('Shift+Enter begins a new line and an empty message cannot be sent', async () => {
    const { page } = await open();
    assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled());
    await box(page).pressSequentially('one');
    const height = (await box(page).boundingBox()).height;
    await box(page).press('Shift+Enter');
    await box(page).pressSequentially('two');
    await becomes(() => box(page).inputValue(), 'one\ntwo');
    assert.ok((await box(page).boundingBox()).height > height, 'the box grows with its text');
    await box(page).fill('   ');
    await box(page).press('Enter');
    assert.equal(fake.bodies('/api/messages').length, 0);
  });

  test('the Enter that ends a composition does not send', async () => {
    const { page } = await open();
    await box(page).fill('にほん');
    await box(page).dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    await becomes(() => box(page).inputValue(), 'にほん');
    assert.equal(fake.bodies('/api/messages').length, 0);
  });

  test('an example is sent by a click on its chip, and later from the menu', async () => {
    const { page, complaints } = await open();
    await page.locator('#welcome').getByRole('button', { name: 'what time is it in Tokyo?' }).click();
    await articles(page).first().waitFor();
    assert.ok(await page.locator('#welcome').isHidden());
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.locator('#examples-menu').getByRole('button', { name: 'build me a small REST API' }).click();
    await until('both are stored', () => fake.bodies('/api/messages').length === 2);
    assert.deepEqual(fake.bodies('/api/messages').map(({ text }) => text), ['what time is it in Tokyo?', 'build me a small REST API for tasks in Python']);
    assert.ok(await page.locator('#examples-menu').isHidden());
    assert.deepEqual(complaints, []);
  });

  test('the demo says so', async () => {
    const { page } = await open();
    const banner = page.getByText('Demo: the answers are scripted. Set ANTHROPIC_API_KEY and restart for a real model.');
    assert.ok(await banner.isVisible());
    fake.demo = false;
    await page.reload();
    await connected(page);
    assert.ok(await banner.isHidden());
  });
});

describe('what the server does not store', () => {
  test('is kept, explained, and sent again with the same id', async () => {
    const { page } = await open({ allow: ['503'] });
    fake.refuseNext('/api/messages', 503, 'The message could not be stored.');
    await ask(page, 'keep me');
    await page.getByText('The message could not be stored.').waitFor();
    assert.deepEqual(await texts(page), ['keep me']);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('article[data-id]').waitFor();
    const [first, second] = fake.bodies('/api/messages');
    assert.match(first.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(second.id, first.id);
    assert.deepEqual(await texts(page), ['keep me']);
    assert.ok(await page.getByText('The message could not be stored.').isHidden());
  });

  test('outlives a reload', async () => {
    const { page } = await open({ allow: ['503'] });
    fake.refuseNext('/api/messages', 503, 'The message could not be stored.');
    await ask(page, 'keep me');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    await page.reload();
    await page.locator('article[data-id]').waitFor();  // by itself, once the page is connected
    assert.equal(new Set(fake.bodies('/api/messages').map(({ id }) => id)).size, 1);
  });

  test('stands there once after a retry when only the answer was lost', async () => {
    const { page } = await open({ allow: ['503'] });
    fake.refuseNext('/api/messages', 503, 'The answer was lost.', { stored: true });
    await ask(page, 'once');
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('article[data-id]').waitFor();
    assert.deepEqual(await texts(page), ['once']);
    assert.equal(fake.messages().length, 1);
  });

  test('can be taken back into the message box', async () => {
    const { page } = await open({ allow: ['413'] });
    fake.refuseNext('/api/messages', 413, 'The message is too long.');
    await ask(page, 'a very long message');
    await page.getByText('The message is too long.').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await becomes(() => box(page).inputValue(), 'a very long message');
    assert.equal(await articles(page).count(), 0);
  });
});

describe('live', () => {
  test('progress is edited in place, moves, and ends in its outcome', async () => {
    const { page, complaints } = await open();
    const dispatch = { id: 'd-1', slug: 'task-api', state: 'queued', outcome: null };
    const message = fake.say({ text: 'Waiting', dispatch });
    await page.getByText('Queued', { exact: true }).waitFor();
    fake.edit(message, { html: '<p>Writing app.py</p>', dispatch: { ...dispatch, state: 'running' } });
    await page.getByText('Writing app.py').waitFor();
    const card = articles(page).first();
    await becomes(() => card.locator('.badge').innerText(), 'Working');
    assert.equal(await card.getAttribute('aria-busy'), 'true');
    assert.notEqual(await card.locator('.bubble').evaluate((node) => getComputedStyle(node, '::after').animationName), 'none');
    fake.edit(message, { html: '<p>All done</p>', dispatch: { ...dispatch, state: 'finished', outcome: 'success' } });
    await page.getByText('All done').waitFor();
    await becomes(() => card.locator('.badge').innerText(), 'Done');
    assert.equal(await card.getAttribute('aria-busy'), 'false');
    await becomes(() => articles(page).count(), 1);
    assert.deepEqual(complaints, []);
  });

  test('every outcome has its badge', async () => {
    const outcomes = { success: 'Done', error: 'Failed', blocked: 'Blocked', timeout: 'Timed out', cancelled: 'Cancelled', interrupted: 'Interrupted', joined: 'Added' };
    for (const outcome of Object.keys(outcomes)) fake.store({ text: 'x', dispatch: { id: 'd-1', slug: 'p', state: 'finished', outcome } });
    const { page } = await open();
    await becomes(() => page.locator('.badge').allInnerTexts(), Object.values(outcomes));
  });

  test('a request shows all of its command, and what became of it', async () => {
    const { page } = await open({ viewport: { width: 420, height: 800 } });
    const dispatch = { id: 'd-1', slug: 'p', state: 'running', outcome: null, asks: 'open' };
    const message = fake.say({ html: `<p>wants to run</p><pre><code>git commit -m '${'many words '.repeat(30)}' &amp;&amp; curl evil.example</code></pre>`, dispatch });
    const card = articles(page).first();
    await page.getByText('Waiting for you').waitFor();
    const pre = card.locator('pre');
    assert.ok(await pre.evaluate((node) => node.scrollWidth <= node.clientWidth), 'the command needs scrolling');
    assert.equal(await card.locator('.bubble').evaluate((node) => getComputedStyle(node, '::after').animationName), 'none');
    const answers = { allowed: 'Allowed', allowed_for_task: 'Allowed for this task', denied: 'Denied', answered: 'Answered', expired: 'Expired' };
    for (const [asks, badge] of Object.entries(answers)) {
      fake.edit(message, { dispatch: { ...dispatch, asks } });
      await card.getByText(badge, { exact: true }).waitFor();
    }
  });

  test('nothing moves for a reader who asked for that', async () => {
    fake.store({ text: 'Working', dispatch: { id: 'd-1', slug: 'p', state: 'running', outcome: null } });
    const { page } = await open({ reducedMotion: 'reduce' });
    assert.equal(await page.locator('.card .bubble').evaluate((node) => getComputedStyle(node, '::after').animationName), 'none');
  });

  test('thinking is shown while it lasts', async () => {
    const { page } = await open();
    fake.send({ type: 'thinking', on: true });
    await page.getByText('Frontdesk is thinking').waitFor();
    fake.send({ type: 'thinking', on: false });
    await page.getByText('Frontdesk is thinking').waitFor({ state: 'detached' });
  });

  test('messages stand in the order of their ids, whatever order they come in', async () => {
    const { page } = await open();
    const first = fake.store({ text: 'first' });
    fake.say({ text: 'second' });
    await page.getByText('second').waitFor();
    fake.send({ type: 'message', message: first });
    await page.getByText('first').waitFor();
    assert.deepEqual(await texts(page), ['first', 'second']);
  });

  test('a new message scrolls into view only for a reader at the end', async () => {
    for (let i = 0; i < 40; ++i) fake.store({ text: `line ${i}` });
    const { page } = await open();
    await until('the page is at its end', () => atEnd(page));
    fake.say({ text: 'followed' });
    await page.getByText('followed').waitFor();
    await until('the page followed', () => atEnd(page));
    await page.locator('#scroller').evaluate((node) => { node.scrollTop = 400; });
    await page.getByRole('button', { name: 'To the newest' }).waitFor();
    fake.say({ text: 'not followed' });
    const news = page.getByRole('button', { name: 'New messages' });
    await news.waitFor();
    assert.equal(await page.locator('#scroller').evaluate((node) => node.scrollTop), 400);
    await news.click();
    await until('the button led to the end', () => atEnd(page));
    assert.ok(await news.isHidden());
  });

  test('an answer in the place of a shorter line is followed, also where the history first outgrows its window', async () => {
    fake.store({ author: 'user', text: 'hello' });
    const { page } = await open();
    const fromEnd = await page.locator('#scroller').evaluate(async (scroller) => {
      const log = document.getElementById('log');
      const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const add = (height) => {
        const node = log.appendChild(document.createElement('p'));
        node.style.height = `${height}px`;
        return node;
      };
      const room = scroller.getBoundingClientRect().bottom - log.lastElementChild.getBoundingClientRect().bottom;
      const line = add(room + 30);
      await frames();
      if (scroller.scrollTop < 5) throw new Error('nothing to scroll');
      // The line goes and a longer answer comes, of which the browser tells as of a scroll upwards.
      line.remove();
      add(room + 300);
      await Promise.resolve();
      scroller.scrollTop = 0;
      scroller.dispatchEvent(new Event('scroll'));
      await frames();
      return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    });
    assert.ok(fromEnd < 2, `${fromEnd} px from the end`);
    assert.ok(await page.locator('#news').isHidden());
  });

  test('the title counts what came while the page was hidden', async () => {
    const { page } = await open();
    await setHidden(page, true);
    fake.say({ text: 'one' });
    fake.say({ text: 'two' });
    await until('the title counts', async () => (await page.title()).startsWith('(2) '));
    await setHidden(page, false);
    assert.ok(!(await page.title()).startsWith('('));
  });
});

describe('buttons of a message', () => {
  const actions = [{ id: 'a-yes', label: 'Yes', style: 'primary' }, { id: 'a-no', label: 'No', style: 'plain' }];

  test('are disabled while a click is under way and go when the server takes them away', async () => {
    const { page, complaints } = await open();
    const question = fake.say({ text: 'Shall I?', actions });
    const release = fake.delayNext('/api/actions');
    await page.getByRole('button', { name: 'Yes' }).click();
    assert.ok(await page.getByRole('button', { name: 'Yes' }).isDisabled());
    assert.ok(await page.getByRole('button', { name: 'No', exact: true }).isDisabled());
    release();
    await until('the click has arrived', () => fake.bodies('/api/actions').length === 1);
    fake.edit(question, { actions: [] });
    await page.getByRole('button', { name: 'Yes' }).waitFor({ state: 'detached' });
    const [{ chat, id, action }] = fake.bodies('/api/actions');
    assert.deepEqual({ chat, action }, { chat: 'main', action: 'a-yes' });
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(complaints, []);
  });

  test('a failed click shows its sentence and can be repeated with the same id', async () => {
    const { page } = await open({ allow: ['503'] });
    fake.say({ text: 'Shall I?', actions });
    fake.refuseNext('/api/actions', 503, 'That could not be stored.');
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByRole('alert').filter({ hasText: 'That could not be stored.' }).waitFor();
    await page.getByRole('button', { name: 'Yes' }).click();
    await until('the click has arrived', () => fake.bodies('/api/actions').length === 2);
    const [first, second] = fake.bodies('/api/actions');
    assert.equal(second.id, first.id);
    await page.getByText('That could not be stored.').waitFor({ state: 'detached' });
  });

  test('the focus stays on a button while the message around it changes', async () => {
    const { page } = await open();
    const cancel = { id: 'c', label: 'Cancel', style: 'danger' };
    const dispatch = { id: 'd-1', slug: 'p', state: 'running', outcome: null };
    const message = fake.say({ text: 'step 1', actions: [cancel], dispatch });
    await page.getByRole('button', { name: 'Cancel' }).focus();
    fake.edit(message, { html: '<p>step 2</p>', actions: [{ ...cancel, label: 'Cancel the work' }] });
    await page.getByText('step 2').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel the work');
    fake.edit(message, { html: '<p>over</p>', actions: [], dispatch: { ...dispatch, state: 'finished', outcome: 'success' } });
    await page.getByText('over').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'message');
  });
});

describe('the connection', () => {
  test('after a cut the page says so, fetches the state again and misses nothing', async () => {
    const { page } = await open({ allow: ['ERR_INCOMPLETE_CHUNKED_ENCODING', '503'] });
    const message = fake.say({ text: 'before' });
    await page.getByText('before').waitFor();
    const states = fake.count('/api/state');
    fake.refuseNext('/api/state', 503, 'Starting.');
    fake.cutStreams();
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    Object.assign(message, { html: '<p>changed meanwhile</p>' });
    fake.store({ text: 'missed' });
    await page.getByText('missed').waitFor();
    await page.getByText('changed meanwhile').waitFor();
    await page.getByText('Connection lost. Reconnecting…').waitFor({ state: 'detached' });
    assert.ok(fake.count('/api/state') > states);
    fake.say({ text: 'live again' });
    await page.getByText('live again').waitFor();
  });

  test('more missed than one answer holds leaves no hole', async () => {
    fake.store({ text: 'old' });
    const { page } = await open({ allow: ['ERR_INCOMPLETE_CHUNKED_ENCODING'] });
    await page.getByText('old', { exact: true }).waitFor();
    for (let i = 0; i < 120; ++i) fake.store({ text: `missed ${i}` });
    fake.cutStreams();
    await page.getByText('missed 119').waitFor();
    const shown = (await texts(page)).filter((text) => text.startsWith('missed')).map((text) => Number(text.slice(7)));
    assert.deepEqual(shown, shown.map((_, i) => shown[0] + i));
    assert.ok(shown[0] === 0 || !(await texts(page)).includes('old'));
  });

  test('a change that overtakes an older state wins', async () => {
    const message = fake.store({ text: 'v1' });
    const { page } = await open({ allow: ['ERR_INCOMPLETE_CHUNKED_ENCODING'] });
    await page.getByText('v1').waitFor();
    // The page asks once before it opens its stream and once after; the second answer is the one to be overtaken.
    const [sendFirst, sendSecond] = [fake.delayNext('/api/state'), fake.delayNext('/api/state')];
    const states = fake.count('/api/state');
    fake.cutStreams();
    sendFirst();
    await until('the page has asked twice', () => fake.count('/api/state') === states + 2);
    fake.edit(message, { html: '<p>v2</p>' });
    sendSecond();
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    assert.deepEqual(await texts(page), ['v2']);
  });

  test('a session that is gone is explained, without asking for ever', async () => {
    const { page } = await open({ allow: ['401', 'ERR_INCOMPLETE_CHUNKED_ENCODING'], prepare: (fresh) => fresh.clock.install() });
    fake.sessionGone = true;
    fake.cutStreams();
    await page.getByText('Connection lost').waitFor();
    await page.clock.fastForward(1000);
    await page.getByRole('alert').filter({ hasText: 'This session has ended. Reload this page' }).waitFor();
    const requests = fake.requests.length;
    await page.clock.fastForward(120000);
    await page.evaluate(() => fetch('/assets/icon.svg'));  // whatever it asked for has been asked for by then
    assert.equal(fake.requests.length, requests);
  });

  test('the token does not stay in the address', async () => {
    const { page } = await open({ path: '?token=secret#chat=abc' });
    assert.equal(page.url(), `${fake.url}#chat=abc`);
  });
});

describe('the history', () => {
  test('is there after a reload, with its days', async () => {
    const day = 86400000;
    fake.store({ author: 'user', text: 'long ago', time: Date.now() - 9 * day });
    fake.store({ text: 'the day before', time: Date.now() - day });
    fake.store({ text: 'just now' });
    const { page, complaints } = await open();
    await page.reload();
    await connected(page);
    assert.deepEqual(await texts(page), ['long ago', 'the day before', 'just now']);
    const days = await page.locator('.day').allInnerTexts();
    assert.deepEqual(days.slice(1), ['Yesterday', 'Today']);
    assert.deepEqual(complaints, []);
  });

  test('is loaded upwards without moving what the reader looks at', async () => {
    for (let i = 0; i < 170; ++i) fake.store({ author: i % 2 ? 'assistant' : 'user', text: `line ${i}`, time: Date.now() - (170 - i) * 3600000 });
    const { page, complaints } = await open();
    await until('the page is at its end', () => atEnd(page));
    await becomes(() => articles(page).count(), 50);
    const moved = await page.locator('#scroller').evaluate(async (node) => {
      node.scrollTop = 100;
      const seen = document.querySelector('article[data-id]');
      const top = seen.getBoundingClientRect().top;
      while (document.querySelectorAll('article').length === 50) await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return Math.abs(seen.getBoundingClientRect().top - top);
    });
    assert.ok(moved < 60, `the first message moved by ${moved} px`);
    await until('everything is loaded', async () => {
      await page.locator('#scroller').evaluate((node) => { node.scrollTop = 0; });
      return await articles(page).count() === 170;
    });
    assert.deepEqual(await texts(page), Array.from({ length: 170 }, (_, i) => `line ${i}`));
    assert.ok(await page.locator('#earlier').isHidden());
    assert.deepEqual(complaints, []);
  });

  test('that could not be loaded can be asked for again', async () => {
    for (let i = 0; i < 60; ++i) fake.store({ text: `line ${i}` });
    const { page } = await open({ allow: ['500'] });
    await until('the page is at its end', () => atEnd(page));
    fake.refuseNext('/api/messages', 500, 'Something went wrong.');
    await page.locator('#scroller').evaluate((node) => { node.scrollTop = 0; });
    await page.getByRole('button', { name: 'Could not load earlier messages. Try again' }).click();
    await until('everything is loaded', async () => await articles(page).count() === 60);
  });
});

describe('chats', () => {
  test('each keeps its own messages and its own draft', async () => {
    fake.store({ author: 'user', text: 'in main' });
    fake.store({ author: 'user', text: 'in the other' }, 'abc123');
    const { page, complaints } = await open();
    await box(page).fill('half a thought');
    await page.getByRole('link', { name: 'in the other' }).click();
    await articles(page).filter({ hasText: 'in the other' }).waitFor();
    assert.deepEqual(await texts(page), ['in the other']);
    await becomes(() => box(page).inputValue(), '');
    assert.match(page.url(), /#chat=abc123$/);
    await until('the stream of the other chat is open', () => fake.requests.some((request) => request.path === '/api/state' && request.query.chat === 'abc123'));
    fake.say({ text: 'for main only' });
    fake.say({ text: 'for the other' }, 'abc123');
    await page.getByText('for the other').waitFor();
    assert.ok(!(await texts(page)).includes('for main only'));
    await page.goBack();
    await page.getByText('for main only').waitFor();
    await becomes(() => box(page).inputValue(), 'half a thought');
    assert.deepEqual(complaints, []);
  });

  test('a new one has an address of its own', async () => {
    fake.store({ author: 'user', text: 'in main' });
    const { page } = await open();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.locator('#welcome').waitFor();
    const chat = /#chat=([0-9a-f]+)$/.exec(page.url())?.[1];
    assert.ok(chat, `no chat in ${page.url()}`);
    await ask(page, 'hello');
    await until('it is stored', () => fake.messages(chat).length === 1);
    fake.send({ type: 'chats', chats: fake.chatList() }, chat);
    await page.getByRole('link', { name: 'hello' }).waitFor();
    assert.match(await page.title(), /hello/);
  });
});

describe('safety', () => {
  test('markup in a message of the user stays text', async () => {
    const attack = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>';
    fake.store({ author: 'user', text: attack });
    const { page, complaints } = await open();
    await ask(page, attack);
    await until('both are shown', async () => await page.locator('article[data-id]').count() === 2);
    assert.deepEqual(await texts(page), [attack, attack]);
    assert.equal(await page.locator('.text img, .text script').count(), 0);
    assert.ok((await page.title()).includes('<img'));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(complaints, []);
  });

  test('the policy stops a script even if the server let one through', async () => {
    fake.store({ html: '<p>safe</p><img src="data:," onerror="window.hacked = true">' });
    const { page } = await open({ allow: ['Content Security Policy', 'inline event handler'] });
    await page.getByText('safe').waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  test('links open in a new tab that cannot reach back', async () => {
    fake.store({ html: '<p><a href="https://example.org/">there</a></p>' });
    const { page } = await open();
    const link = page.getByRole('link', { name: 'there' });
    assert.equal(await link.getAttribute('target'), '_blank');
    assert.match(await link.getAttribute('rel'), /noopener/);
  });
});

describe('the looks', () => {
  const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const wide = '<pre><code class="language-sh">' + 'x'.repeat(300) + '</code></pre><table><tr>' + '<td>some_long_cell</td>'.repeat(12) +
    '</tr></table><p>' + 'https://example.org/'.repeat(10) + '</p>';

  test('a phone of 360 px needs no horizontal scroll, and its drawer lists the chats', async () => {
    fillWithSample(fake);
    fake.store({ html: wide });
    fake.store({ author: 'user', text: 'w'.repeat(200) });
    const { page, complaints } = await open({ viewport: { width: 360, height: 740 } });
    assert.equal(await overflow(page), 0);
    assert.equal(await page.locator('#scroller').evaluate((node) => node.scrollWidth - node.clientWidth), 0);
    assert.ok(await page.getByRole('link', { name: 'good morning' }).isHidden());
    await page.getByRole('button', { name: 'Chats', exact: true }).click();
    await page.getByRole('link', { name: 'good morning' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'good morning' }).waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement.id), 'open-drawer');
    await page.getByRole('button', { name: 'Examples' }).click();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(complaints, []);
  });

  test('dark and light follow the reader, with readable text', async () => {
    fillWithSample(fake);
    fake.store({ text: 'failed', dispatch: { id: 'd-1', slug: 'p', state: 'finished', outcome: 'error' } });
    fake.store({ text: 'blocked', dispatch: { id: 'd-1', slug: 'p', state: 'finished', outcome: 'blocked' } });
    for (const colorScheme of ['light', 'dark']) {
      const { page, complaints } = await open({ colorScheme, reducedMotion: 'reduce' });
      const lightness = await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]));
      assert.ok(colorScheme === 'dark' ? lightness < 60 : lightness > 200);
      assert.deepEqual(await page.evaluate(findPoorContrast), []);
      assert.deepEqual(complaints, []);
    }
  });

  test('code can be copied', async () => {
    fake.store({ html: '<pre><code class="language-sh">echo hello\n</code></pre>' });
    const { page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.code').getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'echo hello');
  });

  test('the pages before the chat work without a script', async () => {
    const { page, complaints } = await open();
    for (const [path, sentence] of [['login', 'Sign in'], ['token', 'Open the address that Frontdesk printed']]) {
      await page.goto(fake.url + path);
      assert.ok(await page.getByText(sentence).first().isVisible());
      await page.setViewportSize({ width: 360, height: 740 });
      assert.equal(await overflow(page), 0);
    }
    await page.goto(`${fake.url}login`);
    await page.getByLabel('Password').fill('secret');
    const [request] = await Promise.all([page.waitForRequest((sent) => sent.method() === 'POST'), page.getByRole('button', { name: 'Sign in' }).click()]);
    assert.equal(request.postData(), 'password=secret');
    assert.deepEqual(complaints.filter((text) => !text.includes('404') && !text.includes('500')), []);
  });
});

test('everything can be done from the keyboard, and the focus can be seen', async () => {
  fake.store({ author: 'user', text: 'hello' });
  const question = fake.store({ text: 'Shall I?', actions: [{ id: 'yes', label: 'Yes', style: 'primary' }] });
  const { page } = await open({ path: '#chat=main' });
  await box(page).blur();
  await page.keyboard.press('Tab');
  const focus = () => page.evaluate(() => {
    const node = document.activeElement;
    const frame = node.closest('.box') ?? node;  // the message box shows its focus on its frame
    const { outlineStyle, boxShadow } = getComputedStyle(frame);
    return { name: node.getAttribute('aria-label') ?? node.textContent.trim(), seen: outlineStyle !== 'none' || (frame !== node && boxShadow !== 'none') };
  });
  const seen = [];
  for (let i = 0; i < 24; ++i) {
    if (await page.evaluate(() => document.activeElement !== document.body)) {  // Tab passes the body between end and beginning
      const { name, seen: visible } = await focus();
      if (seen.includes(name)) break;
      assert.ok(visible, `the focus on "${name}" cannot be seen`);
      seen.push(name);
    }
    await page.keyboard.press('Tab');
  }
  for (const name of ['Skip to the message box', 'New chat', 'Search in all chats', 'Rename', 'Colours', 'Examples', 'Chat history', 'Yes', 'Add files', 'Message']) {
    assert.ok(seen.some((other) => other.startsWith(name)), `"${name}" is not among ${seen.join(' | ')}`);
  }
  await page.locator('.skip-link').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'message');
  assert.equal(page.url(), `${fake.url}#chat=main`, 'the skip link leaves the chat in the address');
  await page.getByRole('button', { name: 'Yes' }).focus();
  await page.keyboard.press('Enter');
  await until('the click has arrived', () => fake.bodies('/api/actions').length === 1);
  fake.edit(question, { actions: [] });
  await page.getByRole('button', { name: 'Yes' }).waitFor({ state: 'detached' });
  await until('the focus is back in the message box', async () => await page.evaluate(() => document.activeElement.id) === 'message');
  await page.keyboard.type('typed');
  await page.keyboard.press('Enter');
  await until('it is stored', () => fake.bodies('/api/messages').length === 1);
});

/** Runs in the page. Result: the visible texts whose contrast is under 4.5 (WCAG 2.2, 1.4.3), as sentences. */
function findPoorContrast() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (node) => (node ? over(rgba(getComputedStyle(node).backgroundColor), background(node.parentElement)) : [255, 255, 255]);
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!own || node.disabled || !node.checkVisibility()) continue;
    const ground = background(node);
    const [a, b] = [luminance(over(rgba(getComputedStyle(node).color), ground)), luminance(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${node.className || node.tagName} "${node.textContent.trim().slice(0, 30)}": ${ratio.toFixed(2)}`);
  }
  return poor;
}
