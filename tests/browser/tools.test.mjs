// A call of a tool that the person is asked about, as they see and answer it on the page: the real program, a scripted model, and a
// server of the Model Context Protocol that answers when the test says so.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { violations } from './accessibility.mjs';
import { launch, until, watchComplaints } from './browser.mjs';
import { ModelServer, say, use } from './model_server.mjs';
import { missing, Program } from './program.mjs';

const stepMs = 60000;
const server = fileURLToPath(new URL('../fakes/mcp_server.mjs', import.meta.url));

describe('a tool that asks first', { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-tools-'));
  const log = join(folder, 'calls');
  let browser, model, program, page, complaints;

  before(async () => {
    browser = await launch();
    model = await ModelServer.start();
    model.secretary = {
      rather: [use('calendar__write', { text: 'Tuesday' }), say('I have changed it.')],
      move: [use('calendar__write', { text: 'Monday' }), say('I have prepared it.')],
      look: [use('calendar__read', { text: 'today' }), say('Nothing today.')],
    };
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
[mcp_servers.calendar]
command = "node"
args = ["${server}", "held", "${log}"]
allow = ["read"]
ask = ["write"]
people = ["*"]
`);
    program = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml')]);
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.setDefaultTimeout(stepMs);
    complaints = watchComplaints(page);
    await page.goto(await program.address());
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const composer = () => page.getByRole('textbox', { name: 'Message' });
  const write = async (text) => {
    await composer().fill(text);
    await page.keyboard.press('Enter');
  };
  const button = (name) => page.getByRole('button', { name, exact: true });
  const state = page_ => page_.locator('#typing');
  const calls = () => { try { return readFileSync(log, 'utf8').split('tools/call').length - 1; } catch { return 0; } };
  const go = () => writeFileSync(`${log}.go`, '');

  test('says what it looks into while a tool runs', { timeout: 2 * stepMs }, async () => {
    await write('look into it');
    await until('it says so', async () => await state(page).innerText() === 'Looking into calendar', stepMs);
    await page.reload();  // whoever opens the page in the middle sees it, too
    await until('it says so again', async () => await state(page).innerText() === 'Looking into calendar', stepMs);
    go();
    await page.getByText('Nothing today.').waitFor();
    await until('it says nothing more', async () => await state(page).innerText() === '', stepMs);
    rmSync(`${log}.go`);
  });

  test('is shown exactly, without a fault for those who read it otherwise, and done by the keyboard alone', { timeout: 2 * stepMs }, async () => {
    const before_ = calls();
    await write('move the meeting');
    await page.getByText('text: Monday').waitFor();
    await button('Do it').waitFor();
    assert.deepEqual(await Promise.all(['Do it', 'Change', 'No'].map((name) => button(name).count())), [1, 1, 1]);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page, { colours: colorScheme === 'dark' }), []);
    }
    assert.equal(calls(), before_, 'nothing is done before they say so');
    await button('Do it').focus();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Change');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('You said: do it.').waitFor();
    await until('it says what it does', async () => await state(page).innerText() === 'Looking into calendar', stepMs);
    go();
    await page.getByText('write got Monday').waitFor();
    assert.equal(calls(), before_ + 1);
    await button('Do it').waitFor({ state: 'detached' });
  });

  test('is changed in words, and refused', { timeout: 2 * stepMs }, async () => {
    const before_ = calls();
    await write('move it once more');
    await button('Change').focus();
    await page.keyboard.press('Enter');
    await page.getByText('Write what should be different.').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.id), await composer().evaluate((node) => node.ariaLabel ?? node.id));
    await page.keyboard.type('rather Tuesday');
    await page.keyboard.press('Enter');
    await page.getByText('Replaced by the one below.').waitFor();
    await page.getByText('text: Tuesday').waitFor();
    await until('one question is left', async () => await button('No').count() === 1, stepMs);
    await button('No').focus();
    await page.keyboard.press('Enter');
    await page.getByText('You said no. Nothing was done.').waitFor();
    assert.equal(calls(), before_);
    assert.deepEqual(complaints, []);
  });
});
