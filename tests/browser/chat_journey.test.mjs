// A person at the chat page with the real program and the real Claude Code: files in and out, an approval in another form,
// a restart in between, and texts that would like to be markup.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { violations } from './accessibility.mjs';
import { becomes, launch, until, watchComplaints } from './browser.mjs';
import { ModelServer, say, use } from './model_server.mjs';
import { claude, missing, Program } from './program.mjs';

const stepMs = 60000;
const attack = '<img src=x onerror="window.hacked = true">';

describe('a journey on the chat page', { skip: missing, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-journey-'));
  const site = (name) => join(folder, 'projects/site', name);
  let browser;
  let model;
  let program;
  let page;
  let complaints;

  before(async () => {
    browser = await launch();
    model = await ModelServer.start();
    model.secretary = {
      build: [use('dispatch', { action: 'run', slug: 'site', description: `A site ${attack}`, prompt: 'build it', confidence: 'high', reason: 'work' })],
      hello: [say(`Hello ${attack}\n\n\`\`\`python\nprint("${attack}")\n\`\`\``)],
    };
    model.specialist.build = [use('Write', { file_path: site('app.py'), content: 'print("hello")\n' }),
      use('Write', { file_path: site('page.html'), content: `<script>window.hacked = true</script>${attack}\n` }),
      use('Bash', { command: 'git init made-by-git', description: 'Make a repository' }), say(`Ready. ${attack}`)];
    writeFileSync(join(folder, 'key'), 'a-key-of-the-test\n');
    writeFileSync(join(folder, 'frontdesk.toml'), `
[server]
listen = "127.0.0.1:0"
[secretary]
model = "scripted"
base_url = "${model.url}"
api_key = "file:key"
[dispatch]
projects_dir = "projects"
sandbox = "off"
[specialist.claude-code]
command = "${claude}"
base_url = "${model.url}"
api_key = "file:key"
`);
    program = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml')]);
    page = await browser.newPage({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(stepMs);
    complaints = watchComplaints(page);
    await page.goto(await program.address());
  }, { timeout: 2 * stepMs });

  after(async () => {
    await browser?.close();
    await program?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const step = (name, run) => test(name, { timeout: 2 * stepMs }, () => run().catch(async (error) => {
    const shown = await page?.getByRole('log').innerText({ timeout: 2000 }).catch(() => '(no conversation)');
    throw new Error(`${error.message}\n--- the page shows\n${shown}\n--- the program's log\n${program?.log}`, { cause: error });
  }));
  const box = () => page.getByRole('textbox', { name: 'Message', exact: true });
  const write = async (text) => {
    await box().fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  const unhurt = async () => {
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('.text img, .text script, #viewer img').count(), 0);
    assert.deepEqual(complaints, []);
  };

  step('an answer, its reason and a thumb', async () => {
    await write(`hello ${attack}`);
    await page.locator('.from-assistant .hljs-string').first().waitFor();
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.locator('.why').filter({ hasText: 'The probability' }).waitFor();
    await page.getByRole('button', { name: 'This was right', exact: true }).click();
    await page.getByRole('button', { name: 'This was right', exact: true }).waitFor({ state: 'detached' });
    assert.deepEqual(await violations(page), []);
    await unhurt();
  });

  step('a file in, a command allowed in another form, files out', async () => {
    await page.setInputFiles('#file-chooser', { name: `${attack}.txt`, mimeType: 'text/plain', buffer: Buffer.from('notes') });
    await page.locator('#attachments .chip-note', { hasText: '5 bytes' }).waitFor();
    await write('build it');
    await page.getByRole('button', { name: 'Allow once' }).waitFor();
    assert.deepEqual(readdirSync(site('attachments')).length, 1);
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Command to run' }).fill('git init changed-by-me');
    await page.getByRole('button', { name: 'Allow this' }).click();
    await page.getByText('Ready.').last().waitFor();
    assert.ok(existsSync(site('changed-by-me')) && !existsSync(site('made-by-git')));
    await becomes(() => page.locator('.badge:visible').allInnerTexts(), ['Done', 'Allowed', 'Done']);
    await page.getByRole('button', { name: 'page.html' }).click();
    await page.locator('#viewer pre').waitFor();
    assert.match(await page.locator('#viewer pre').innerText(), /<script>window.hacked/);
    await page.getByRole('button', { name: 'Changes' }).click();
    await page.locator('#viewer .hljs-addition').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download all' }).click()]);
    assert.equal(download.suggestedFilename(), 'site.zip');
    await unhurt();
  });

  step('another chat has the projects, and shows what waits here', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByRole('button', { name: 'site', exact: true }).click();
    await becomes(() => box().inputValue(), '/dispatch site ');
    await write('build it in another chat');
    await page.getByRole('button', { name: 'Allow once' }).waitFor();
    await page.getByRole('link', { name: /^hello/ }).click();
    await page.getByRole('link', { name: /build it in another chat.*waits for your leave/ }).waitFor();
    await until('the title tells it', async () => (await page.title()).startsWith('(1) '));
    await page.getByRole('searchbox').fill('another chat');
    await page.getByRole('list', { name: 'Messages found' }).getByRole('link').first().click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.locator('.badge', { hasText: 'Blocked' }).last().waitFor();
    await unhurt();
  });

  step('what was written while the program was away is sent once, by itself', async () => {
    const port = new URL(page.url()).port;
    const messages = () => page.locator('article.from-user .text').filter({ hasText: 'hello again' }).count();
    await program.stop('SIGKILL');
    complaints.length = 0;
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await write('hello again');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    program = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml'), '--listen', `127.0.0.1:${port}`]);
    const address = await program.address();
    await page.getByText('Connection lost').waitFor({ state: 'detached' }).catch(() => {});
    if (await page.getByText('This session has ended').isVisible()) await page.goto(address);  // its session ended with the program
    await page.getByRole('button', { name: 'Retry' }).waitFor({ state: 'detached' });
    assert.equal(await messages(), 1);
    await page.reload();
    await page.locator('article.from-user .text').filter({ hasText: 'hello again' }).waitFor();
    assert.equal(await messages(), 1);
  });

  step('a chat is deleted with what was said in it', async () => {
    await page.getByRole('link', { name: /^hello/ }).first().hover();
    await page.getByRole('button', { name: /^Delete “hello/ }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await Promise.all([page.waitForResponse((response) => response.url().endsWith('/api/search?q=hello')), page.getByRole('searchbox').fill('hello')]);
    await until('only the other chat is found', async () => (await page.locator('#results a strong').allInnerTexts()).every((title) => title === 'build it in another chat'));
  });
});
