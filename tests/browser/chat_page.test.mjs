// What the chat page does around the conversation, against a stand-in for the program: files, commands, other chats, search,
// drafts, and what was not sent.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { violations } from './accessibility.mjs';
import { becomes, until } from './browser.mjs';
import { chatPage } from './chat_fixture.mjs';
import { fillWithSample } from './fake_server.mjs';

const { fake, open } = await chatPage();

const box = (page) => page.getByRole('textbox', { name: 'Message', exact: true });
const texts = (page) => page.getByRole('log').getByRole('article').locator('.text').allInnerTexts();
const attack = '"><img src=x onerror="window.hacked = true">';

describe('files', () => {
  test('chosen, dropped and pasted ones go along with the message', async () => {
    const { page, complaints } = await open();
    await page.setInputFiles('#file-chooser', { name: `${attack}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x'.repeat(700000)) });
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(['dropped'], 'dropped.txt'));
      const send = (target, type) => target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      send(document.body, 'dragenter');
      if (document.getElementById('drop').hidden) throw new Error('Nothing shows that files can be dropped.');
      send(document.body, 'drop');
      const pasted = new DataTransfer();
      pasted.items.add(new File(['pasted'], 'pasted.png', { type: 'image/png' }));
      document.getElementById('message').dispatchEvent(new ClipboardEvent('paste', { clipboardData: pasted, bubbles: true, cancelable: true }));
    });
    await until('all have arrived', async () => !await page.locator('.chip-note', { hasText: 'sending' }).count() && await page.locator('#attachments li').count() === 3);
    await page.getByRole('button', { name: 'Remove dropped.txt' }).click();
    await page.getByRole('button', { name: 'Send' }).click();
    await until('it is stored', () => fake.bodies('/api/messages').length === 1);
    assert.deepEqual(fake.uploads.map(({ name, body }) => [name, body.length]), [[`${attack}.txt`, 700000], ['dropped.txt', 7], ['pasted.png', 6]]);
    assert.deepEqual(fake.bodies('/api/messages')[0].files, [fake.uploads[0].id, fake.uploads[2].id]);
    await page.locator('article[data-id] .chip-name', { hasText: 'pasted.png' }).waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('#attachments').isHidden(), true);
    assert.deepEqual(complaints, []);
  });

  test('made ones are shown with colours, and never as markup', async () => {
    fake.files.set('d-1/src/app.py', { type: 'text/plain; charset=utf-8', body: `def f():\n    return "${attack}"\n` });
    fake.files.set('diff/d-1/src/app.py', { type: 'text/plain; charset=utf-8', body: '@@ -1 +1 @@\n-old\n+new\n' });
    fake.store({ text: 'Done', dispatch: { id: 'd-1', slug: 'p', state: 'finished', outcome: 'success',
      files: [{ path: 'src/app.py', change: 'created' }, { path: attack, change: 'deleted' }] } });
    const { page, complaints } = await open();
    await page.getByRole('button', { name: 'src/app.py' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('.hljs-keyword', { hasText: 'def' }).waitFor();
    await becomes(() => dialog.locator('pre').innerText(), `def f():\n    return "${attack}"\n`.trimEnd() + '\n');
    assert.match(await page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href'), /\/api\/files\/d-1\/src\/app\.py\?download=1$/);
    await dialog.getByRole('button', { name: 'Changes' }).click();
    await dialog.locator('.hljs-addition').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.getByRole('link', { name: 'Download all' }).getAttribute('href'), '/api/files/d-1.zip');
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(complaints, []);
  });

  test('a run shows each file as it is written', async () => {
    fake.store({ text: 'On it', dispatch: { id: 'd-1', slug: 'p', state: 'running', outcome: null, files: [] } });
    const { page } = await open();
    fake.send({ type: 'progress', dispatch: 'd-1', files: [{ path: 'a.py', added: 3, removed: 0 }] });
    await page.getByRole('button', { name: 'a.py +3' }).waitFor();
    fake.say({ text: 'At work', dispatch: { id: 'd-2', slug: 'begun-just-now', state: 'running', outcome: null, files: [] } });
    await page.getByRole('button', { name: 'begun-just-now', exact: true }).waitFor();  // among the projects
    fake.send({ type: 'progress', dispatch: 'd-1', files: [{ path: 'a.py', added: 5, removed: 1 }, { path: 'b.py', added: 1, removed: 0 }] });
    await page.getByRole('button', { name: 'a.py +5 −1' }).waitFor();
    await page.getByRole('button', { name: 'b.py +1' }).waitFor();
  });
});

describe('what is proposed', () => {
  const dispatch = { id: 'd-1', slug: 'p', state: 'running', outcome: null, asks: 'open' };

  test('can be allowed in another form', async () => {
    fake.store({ html: '<p>wants to run</p><pre><code>git init a\n</code></pre>', dispatch: { ...dispatch, about: 'permission', editable: true },
      actions: [{ id: 'allow', label: 'Allow once', style: 'primary', kind: 'allow' }, { id: 'deny', label: 'Deny', style: 'plain', kind: 'deny' }] });
    const { page } = await open();
    await page.getByRole('button', { name: 'Edit' }).click();
    const field = page.getByRole('textbox', { name: 'Command to run' });
    await becomes(() => field.inputValue(), 'git init a');
    await field.fill('git init b');
    await page.getByRole('button', { name: 'Allow this' }).click();
    await until('the click has arrived', () => fake.bodies('/api/actions').length === 1);
    assert.equal(fake.bodies('/api/actions')[0].action, 'allow');
    assert.equal(fake.bodies('/api/actions')[0].text, 'git init b');
  });

  test('a plan is changed in place', async () => {
    fake.store({ html: '<p>has a plan</p>', dispatch: { ...dispatch, about: 'plan' }, actions: [{ id: 'change', label: 'Change', style: 'plain', kind: 'change' }] });
    const { page } = await open();
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'What should be different?' }).fill('do it better');
    await page.getByRole('button', { name: 'Send', exact: true }).first().click();
    await until('the click has arrived', () => fake.bodies('/api/actions').length === 1);
    assert.equal(fake.bodies('/api/actions')[0].text, 'do it better');
  });

  test('an answer has copy, thumbs and its reason', async () => {
    fake.store({ text: 'The answer', actions: [{ id: 'good', label: '👍', style: 'quiet', kind: 'good' }, { id: 'bad', label: '👎', style: 'quiet', kind: 'bad' }] });
    const { page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'The answer');
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText('Because.').waitFor();
    await page.getByRole('button', { name: 'This was not right' }).click();
    await until('the click has arrived', () => fake.bodies('/api/actions').length === 1);
    assert.equal(fake.bodies('/api/actions')[0].action, 'bad');
  });
});

describe('a task that failed', () => {
  test('has a sentence and a button; the words of programs are folded away', async () => {
    fake.store({ html: '<p><strong>Failed: site.</strong> Its model could not be reached.</p><p>API Error: ECONNREFUSED at net.js:17</p><p>No files changed.</p>',
      dispatch: { id: 'd-1', slug: 'site', state: 'finished', outcome: 'error' }, actions: [{ id: 'again', label: 'Try again', style: 'primary', kind: 'retry' }] });
    fake.store({ html: `<p><strong>Failed: other.</strong> ${'raw words '.repeat(40)}</p>`, dispatch: { id: 'd-2', slug: 'other', state: 'finished', outcome: 'error' } });
    const { page, complaints } = await open();
    const [first, second] = await page.getByRole('article').all();
    await becomes(() => first.locator('.text').innerText(), 'Failed: site. Its model could not be reached.\n\nDetails');
    await first.getByText('Details').click();
    await first.getByText('ECONNREFUSED').waitFor();
    assert.ok(await first.getByRole('button', { name: 'Try again' }).isVisible());
    assert.match(await second.locator('.text').innerText(), /^Failed: other. It ended with an error.\s+Details$/);
    assert.deepEqual(complaints, []);
  });
});

describe('commands', () => {
  test('are completed by the keyboard', async () => {
    const { page } = await open();
    const list = page.getByRole('listbox', { name: 'Commands' });
    await box(page).pressSequentially('/');
    await list.getByRole('option', { name: '/dispatch TEXT' }).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.equal(await list.getByRole('option', { name: '/dispatch TEXT' }).getAttribute('aria-selected'), 'true');
    assert.equal(await box(page).getAttribute('aria-activedescendant'), 'command-1');
    await page.keyboard.press('Enter');
    await becomes(() => box(page).inputValue(), '/dispatch ');
    assert.equal(fake.bodies('/api/messages').length, 0);
    await box(page).fill('/st');
    await page.keyboard.press('Escape');
    assert.equal(await list.getByRole('option').count(), 0);
    await box(page).fill('/status');
    await page.keyboard.press('Enter');
    await until('it is sent', () => fake.bodies('/api/messages').length === 1);
  });
});

describe('other chats', () => {
  test('show that they wait: a dot, the title, a message for screen readers', async () => {
    fake.store({ author: 'user', text: 'in main' });
    fake.store({ author: 'user', text: 'elsewhere' }, 'abc');
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'elsewhere' }).waitFor();
    const asked = fake.store({ text: 'May I?', dispatch: { id: 'd-1', slug: 'p', state: 'running', outcome: null, asks: 'open' } }, 'abc');
    fake.send({ type: 'message', message: asked, waits: 'approval' }, 'abc');
    await page.getByRole('link', { name: /elsewhere.*waits for your leave/ }).waitFor();
    await until('the title tells it', async () => (await page.title()).startsWith('(1) '));
    await page.getByRole('status').filter({ hasText: 'waits for your leave' }).waitFor({ state: 'attached' });
    assert.deepEqual(await texts(page), ['in main']);
    fake.send({ type: 'message', message: asked, waits: null }, 'abc');
    await until('the title is as before', async () => !(await page.title()).startsWith('('));
    assert.deepEqual(complaints, []);
  });

  test('show what came while no page was open or the connection was lost, until it is looked at', async () => {
    fake.store({ author: 'user', text: 'in main' });
    fake.store({ author: 'user', text: 'elsewhere' }, 'abc');
    fake.store({ text: 'old' }, 'abc');
    const { page, complaints } = await open();
    const marked = page.getByRole('link', { name: /elsewhere.*has news/ });
    const shown = () => page.getByRole('link', { name: 'elsewhere' }).waitFor();
    await shown();
    assert.equal(await marked.count(), 0);  // this browser begins with what is there
    const address = page.url();
    await page.goto('about:blank');
    fake.store({ text: 'Reminder: call' }, 'abc');
    await page.goto(address);
    await marked.waitFor();
    await until('the title tells it', async () => (await page.title()).startsWith('(1) '));
    await marked.click();
    await page.getByText('Reminder: call').waitFor();
    await page.goto(address);
    await shown();
    assert.equal(await marked.count(), 0);
    await until('the page listens', () => fake.openStreams() === 1);
    assert.deepEqual(complaints, []);
    fake.cutStreams();  // of which the browser complains
    fake.store({ text: 'Reminder: stretch' }, 'abc');
    await marked.waitFor();
  });

  test('stand in the list as soon as something comes into one that was not there', async () => {
    fake.store({ author: 'user', text: 'in main' });
    const { page, complaints } = await open();
    fake.say({ text: 'Reminder: call' }, 'deleted-before');
    await page.getByRole('link', { name: /New chat.*has news/ }).click();
    await page.getByText('Reminder: call').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('are renamed and deleted', async () => {
    fake.store({ author: 'user', text: 'first name' });
    fake.store({ author: 'user', text: 'to be deleted' }, 'abc');
    fake.reminders.set('abc', 2);
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'first name' }).hover();
    await page.getByRole('button', { name: 'Rename “first name”' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill(attack);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: attack }).waitFor();
    assert.equal(fake.titles.get('main'), attack);
    await page.getByRole('link', { name: 'to be deleted' }).hover();
    await page.getByRole('button', { name: 'Delete “to be deleted”' }).click();
    await page.getByText('2 reminders come here. From now on they come in another chat').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'to be deleted' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: attack }).hover();
    await page.getByRole('button', { name: `Delete “${attack}”` }).click();
    await until('nothing is said of reminders', async () => fake.requests.some(({ method, path }) => method === 'GET' && path === '/api/chats/main'));
    await page.locator('#delete-reminders').waitFor({ state: 'hidden' });
    assert.ok(!fake.chats.has('abc'));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(complaints, []);
  });

  test('are searched, and a hit leads to its message', async () => {
    for (let i = 0; i < 120; ++i) fake.store({ author: 'user', text: `line ${i}` }, 'abc');
    fake.hits = [{ chat: 'abc', title: 'line 0', message: 5, time: Date.now(), excerpt: attack }];
    const { page, complaints } = await open();
    await page.getByRole('searchbox', { name: 'Search in all chats' }).fill('line');
    await page.getByRole('list', { name: 'Messages found' }).getByRole('link').click();
    await page.locator('article[data-id="5"].found').waitFor();
    await until('it is in view', () => page.locator('article[data-id="5"]').evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(complaints, []);
  });
});

describe('a draft', () => {
  test('grows, is silent for screen readers, and becomes the message', async () => {
    const { page, complaints } = await open();
    const asked = fake.say({ author: 'user', text: 'tell me' });
    await page.getByText('tell me').waitFor();
    fake.send({ type: 'stream', turn: asked.id, n: 1, text: 'Once', html: '<p>Once</p>' });
    await page.locator('.draft', { hasText: 'Once' }).waitFor();
    assert.equal(await page.getByRole('log').getAttribute('aria-busy'), 'true');
    fake.send({ type: 'stream', turn: asked.id, n: 2, text: ' upon', html: '<p>Once upon</p>' });
    await page.locator('.draft', { hasText: 'Once upon' }).waitFor();
    fake.send({ type: 'message', turn: asked.id, message: fake.store({ text: 'Once upon a time.' }), waits: null });
    await page.getByText('Once upon a time.').waitFor();
    assert.equal(await page.locator('.draft').count(), 0);
    assert.equal(await page.getByRole('log').getAttribute('aria-busy'), null);
    assert.deepEqual(await texts(page), ['tell me', 'Once upon a time.']);
    assert.deepEqual(complaints, []);
  });

  test('is withdrawn', async () => {
    const { page } = await open();
    fake.send({ type: 'stream', turn: 7, n: 1, text: 'No', html: '<p>No</p>' });
    await page.locator('.draft').waitFor();
    fake.send({ type: 'withdrawn', turn: 7 });
    await page.locator('.draft').waitFor({ state: 'detached' });
  });
});

describe('what was not sent', () => {
  test('goes by itself, under the same id and once, when the connection is back', async () => {
    const { page } = await open({ allow: ['ERR_', '503'] });
    fake.refuseNext('/api/messages', 503, 'The answer was lost.', { stored: true });
    await box(page).fill('once');
    await box(page).press('Enter');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    fake.cutStreams();
    await page.getByRole('button', { name: 'Retry' }).waitFor({ state: 'detached' });
    assert.deepEqual(await texts(page), ['once']);
    assert.equal(fake.messages().length, 1);
  });

  test('what waiting does not mend is left to the person', async () => {
    const { page } = await open({ allow: ['ERR_', '413'] });
    fake.refuseNext('/api/messages', 413, 'The message is too long.');
    await box(page).fill('too long');
    await box(page).press('Enter');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    fake.cutStreams();
    await page.getByText('Connection lost').waitFor();
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    assert.equal(fake.bodies('/api/messages').length, 1);
  });
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, ${colorScheme}`, async () => {
    fillWithSample(fake);
    fake.projects = [{ slug: 'task-api', about: 'A task API', updated: Date.now() }];
    fake.waiting = [{ chat: 'main', kind: 'approval' }];
    fake.files.set('d-1/app.py', { type: 'text/plain; charset=utf-8', body: '# comment\ndef f(a):\n    return "text", 42, True, f(a)\n' });
    fake.store({ text: 'done', dispatch: { id: 'd-1', slug: 'p', state: 'finished', outcome: 'success', files: [{ path: 'app.py', change: 'created' }] },
      actions: [{ id: 'good', label: '👍', style: 'quiet', kind: 'good' }] });
    const { page } = await open({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Why?' }).last().click();
    await box(page).fill('/');
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'app.py' }).click();
    await page.locator('#viewer pre').waitFor();
    assert.deepEqual(await violations(page), []);
  });
}

test('light and dark by choice', async () => {
  const { page } = await open({ colorScheme: 'light' });
  const lightness = () => page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]));
  assert.ok(await lightness() > 200);
  await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark');
  assert.ok(await lightness() < 60);
  await page.reload();
  assert.ok(await lightness() < 60);
});
