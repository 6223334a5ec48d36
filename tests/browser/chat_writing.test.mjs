// Writing and reading on the chat page while other things go on, against a stand-in for the program: what was begun elsewhere, an
// answer that grows under the reader, a clock that is wrong, texts that are too long, and a connection that is dead.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { becomes, setHidden, until } from './browser.mjs';
import { chatPage } from './chat_fixture.mjs';

const { fake, open } = await chatPage();

const box = (page) => page.getByRole('textbox', { name: 'Message', exact: true });
const texts = (page) => page.getByRole('log').getByRole('article').locator('.text').allInnerTexts();
const chips = (page) => page.locator('#attachments .chip-name').allInnerTexts();
const scrolled = (page) => page.$eval('#scroller', (node) => Math.round(node.scrollTop));
const fromEnd = (page) => page.$eval('#scroller', (node) => node.scrollHeight - node.scrollTop - node.clientHeight);

describe('what was begun', () => {
  test('waits in its chat, with its files, over another chat and a reload', async () => {
    fake.store({ author: 'user', text: 'in main' });
    fake.store({ author: 'user', text: 'elsewhere' }, 'abc');
    const { page, complaints } = await open();
    await box(page).fill('half a thought');
    await page.setInputFiles('#file-chooser', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
    await page.locator('#attachments .chip-note', { hasText: '5 bytes' }).waitFor();
    await page.getByRole('link', { name: 'elsewhere' }).click();
    await page.getByRole('article').filter({ hasText: 'elsewhere' }).waitFor();
    await becomes(() => box(page).inputValue(), '');
    assert.deepEqual(await chips(page), []);
    await page.getByRole('link', { name: 'in main Draft' }).click();
    await page.getByRole('article').filter({ hasText: 'in main' }).waitFor();
    await becomes(() => box(page).inputValue(), 'half a thought');
    await page.reload();
    await page.getByRole('article').filter({ hasText: 'in main' }).waitFor();
    await becomes(() => box(page).inputValue(), 'half a thought');
    assert.deepEqual(await chips(page), ['notes.txt']);
    await box(page).press('Enter');
    await until('it is stored', () => fake.bodies('/api/messages').length === 1);
    assert.deepEqual(fake.bodies('/api/messages')[0].files, [fake.uploads[0].id]);
    assert.deepEqual(complaints, []);
  });

  test('is found again in a chat in which nothing was sent', async () => {
    fake.store({ author: 'user', text: 'in main' });
    const { page } = await open();
    await page.getByRole('button', { name: 'New chat' }).click();
    await box(page).fill('a new thought');
    await page.getByRole('link', { name: 'in main' }).click();
    await page.getByRole('article').filter({ hasText: 'in main' }).waitFor();
    await page.getByRole('link', { name: 'New chat Draft' }).click();
    await becomes(() => box(page).inputValue(), 'a new thought');
  });

  test('a file that is taken back goes from the server, too', async () => {
    const { page } = await open();
    await page.setInputFiles('#file-chooser', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
    await page.getByRole('button', { name: 'Remove notes.txt' }).click();
    await until('the server was told', () => fake.requests.some(({ method, query }) => method === 'DELETE' && query.file === fake.uploads[0].id));
    assert.deepEqual(await chips(page), []);
  });
});

describe('while an answer grows', () => {
  const lines = (n) => Array.from({ length: n }, (_, i) => `<p>line ${i}</p>`).join('');

  test('the first move upwards is the reader\'s, and a button leads to the newest', async () => {
    for (let i = 0; i < 30; ++i) fake.store({ text: `old ${i}` });
    const { page, complaints } = await open();
    let n = 0;
    const grow = async () => {
      n += 1;
      fake.send({ type: 'stream', turn: 99, n, text: '', html: lines(n) });
      await page.locator('.draft .text p').nth(n - 1).waitFor();
    };
    for (let i = 0; i < 5; ++i) await grow();
    await until('the page follows', async () => await fromEnd(page) < 2);
    await page.mouse.move(800, 400);
    await page.mouse.wheel(0, -6);
    await until('it has moved', async () => await fromEnd(page) > 2);
    const before = await scrolled(page);
    for (let i = 0; i < 5; ++i) await grow();
    assert.ok(Math.abs(await scrolled(page) - before) < 8, 'the page has scrolled under the reader');
    await page.getByRole('button', { name: 'To the newest' }).click();
    await until('it is at the end', async () => await fromEnd(page) < 2);
    await grow();
    await until('it follows again', async () => await fromEnd(page) < 2);
    assert.ok(await page.locator('#news').isHidden());
    assert.deepEqual(complaints, []);
  });

  test('what the reader has selected stays, and what would take it away waits', async () => {
    const { page } = await open();
    const select = () => page.evaluate(() => {
      const text = document.querySelector('.draft .text p').firstChild;
      getSelection().setBaseAndExtent(text, 5, text, 9);
    });
    const selected = () => page.evaluate(() => getSelection().toString());
    fake.send({ type: 'stream', turn: 1, n: 1, text: '', html: '<p>Once upon</p>' });
    await page.locator('.draft').waitFor();
    await select();
    fake.send({ type: 'stream', turn: 1, n: 2, text: '', html: '<p>Once upon a <strong>time</strong></p><p>there was</p>' });
    await page.locator('.draft p', { hasText: 'there was' }).waitFor();
    assert.equal(await selected(), 'upon');
    fake.send({ type: 'stream', turn: 1, n: 3, text: '', html: '<h2>Once upon a time</h2>' });
    fake.send({ type: 'message', turn: 1, message: fake.store({ html: '<h2>Once upon a time, at last</h2>' }), waits: null });
    await page.locator('article[data-id]').waitFor();
    assert.equal(await selected(), 'upon');
    await page.evaluate(() => getSelection().removeAllRanges());
    await page.getByRole('heading', { name: 'Once upon a time, at last' }).waitFor();
    await becomes(() => page.locator('article .text > *').count(), 1);
  });

  test('its time is the server\'s, however wrong the clock of the page is', async () => {
    fake.aheadMs = -26 * 3600000;
    const { page } = await open({ timezoneId: 'UTC' });
    const time = Date.now() + fake.aheadMs;
    const clock = new Date(time).toISOString().slice(11, 16).replace(/^0/, '');
    const asked = fake.say({ author: 'user', text: 'tell me', time });
    await page.locator('.day', { hasText: 'Today' }).waitFor();
    fake.send({ type: 'stream', turn: asked.id, n: 1, text: '', html: '<p>Once</p>' });
    await page.locator('.draft').waitFor();
    assert.equal((await page.locator('.draft time').getAttribute('datetime')).slice(0, 10), new Date(time).toISOString().slice(0, 10));
    fake.send({ type: 'message', turn: asked.id, message: fake.store({ text: 'Once.', time }), waits: null });
    await page.locator('article[data-id] .text', { hasText: 'Once.' }).waitFor();
    assert.equal(await page.locator('article time').last().getAttribute('datetime'), new Date(time).toISOString());
    assert.match(await page.locator('article').last().getAttribute('aria-label'), new RegExp(`^Frontdesk, ${clock}`));
  });
});

describe('a text that is too long', () => {
  const paste = (page, length) => page.evaluate((size) => {
    const data = new DataTransfer();
    data.setData('text/plain', 'x'.repeat(size));
    const field = document.getElementById('message');
    const taken = !field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    if (taken) return;
    field.value = data.getData('text/plain');  // what a browser would do
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, length);

  test('goes along as a file', async () => {
    const { page, complaints } = await open();
    await paste(page, 1 << 20);
    await page.locator('#attachments .chip-note', { hasText: '1.0 MB' }).waitFor();
    assert.deepEqual(await chips(page), ['pasted text.txt']);
    await becomes(() => box(page).inputValue(), '');
    await box(page).fill('read this');
    await box(page).press('Enter');
    await until('it is stored', () => fake.bodies('/api/messages').length === 1);
    assert.equal(fake.uploads[0].body.length, 1 << 20);
    assert.deepEqual(complaints, []);
  });

  test('is explained where no files are taken', async () => {
    fake.maxFile = 0;
    const { page } = await open();
    await paste(page, 1 << 20);
    const problem = page.getByRole('alert').filter({ hasText: 'This text has 1.0 MB, and a message at most 524 kB.' });
    await problem.waitFor();
    await becomes(() => box(page).inputValue(), '');
    await box(page).fill('short');
    await problem.waitFor({ state: 'hidden' });
    await page.evaluate(() => {
      const field = document.getElementById('message');
      field.value = 'long words '.repeat(60000);
      document.getElementById('send').click();
      field.value = '';  // to break it into lines takes a browser seconds
    });
    await page.getByRole('alert').filter({ hasText: 'This text has 660 kB' }).waitFor();
    assert.equal(fake.bodies('/api/messages').length, 0);
  });
});

describe('the connection', () => {
  test('that says nothing for too long is taken for dead', async () => {
    const { page } = await open({ prepare: (fresh) => fresh.clock.install() });
    const streams = fake.count('/api/events');
    await page.clock.fastForward(20000);
    fake.sendLines('event: alive\ndata: {}');
    fake.say({ text: 'it lives' });
    await page.getByText('it lives').waitFor();
    await page.clock.fastForward(20000);
    assert.equal(fake.count('/api/events'), streams);
    await page.clock.fastForward(10000);
    await page.getByText('Connection lost').waitFor();
    await page.clock.fastForward(5000);
    await until('it is opened anew', () => fake.count('/api/events') === streams + 1);
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
  });

  test('is over with its session, also where nobody presses anything', async () => {
    const { page } = await open({ allow: [401] });
    await until('the page listens', () => fake.openStreams() === 1);
    fake.sessionGone = true;
    for (let sign = 0; sign < 6; ++sign) fake.sendLines('event: alive\ndata: {}');
    await page.getByRole('alert').filter({ hasText: 'This session has ended' }).waitFor();
  });

  test('that the server has ended says why, and is opened again when somebody wants it', async () => {
    const { page, complaints } = await open({ allow: ['ERR_'] });
    const streams = fake.count('/api/events');
    fake.sendLines('event: ended\ndata: {}');
    await page.getByText('This page is open so often').waitFor();
    fake.cutStreams();
    assert.equal(fake.count('/api/events'), streams);
    await page.getByRole('button', { name: 'Listen here' }).click();
    await page.getByText('This page is open so often').waitFor({ state: 'detached' });
    fake.say({ text: 'news' });
    await page.getByText('news').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a tab that nobody looks at gives its own to newer ones, and takes it back', async () => {
    const { page } = await open();
    await setHidden(page, true);
    const others = [];
    for (let i = 0; i < 4; ++i) {
      others.push(await page.context().newPage());
      await others[i].goto(fake.url);
    }
    await until('the oldest has made room', () => fake.count('/api/events') === 5 && fake.openStreams() === 4);
    fake.store({ text: 'meanwhile' });
    await setHidden(page, false);
    await page.getByText('meanwhile').waitFor();
    await until('it listens again', () => fake.openStreams() === 5);
  });

  test('while there is none, what is written waits and goes in its order', async () => {
    const { page } = await open({ allow: ['ERR_'] });
    const write = async (text) => {
      await box(page).fill(text);
      await box(page).press('Enter');
    };
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await write('first');
    await page.getByText('This message is sent as soon as it can.').waitFor();
    await write('second');
    await until('both wait', async () => (await texts(page)).length === 2);
    await page.context().setOffline(false);
    await until('both are stored', () => fake.messages().length === 2);
    assert.deepEqual(fake.messages().map(({ text }) => text), ['first', 'second']);
    await page.locator('.pending').first().waitFor({ state: 'detached' });
    assert.deepEqual(await texts(page), ['first', 'second']);
  });

  test('what the server refuses for a while is sent again by itself, before what was written later', async () => {
    const { page } = await open({ allow: ['503'], prepare: (fresh) => fresh.clock.install() });
    fake.refuseNext('/api/messages', 503, 'The message could not be stored.');
    await box(page).fill('first');
    await box(page).press('Enter');
    await page.getByText('The message could not be stored.').waitFor();
    await page.clock.fastForward(15000);
    await until('it is stored', () => fake.messages().length === 1);
    fake.refuseNext('/api/messages', 503, 'The message could not be stored.');
    await box(page).fill('second');
    await box(page).press('Enter');
    await page.getByText('The message could not be stored.').waitFor();
    await box(page).fill('third');
    await box(page).press('Enter');
    await until('all are stored', () => fake.messages().length === 3);
    assert.deepEqual(fake.messages().map(({ text }) => text), ['first', 'second', 'third']);
  });
});
