// What the specialist asks while it works, as a person sees and answers it on the page: the real program, the real
// Claude Code, a scripted model.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { launch, until, watchComplaints } from './browser.mjs';
import { ModelServer, say, use } from './model_server.mjs';
import { claude, missing, Program } from './program.mjs';

const stepMs = 60000;
const git = use('Bash', { command: 'git init made-by-git', description: 'Make a repository' });

describe('requests of the specialist', { skip: missing, concurrency: false }, () => {
  let browser;
  let folder;
  let model;
  let program;
  let page;
  let complaints;

  before(async () => { browser = await launch(); });
  after(async () => { await browser?.close(); });
  afterEach(async () => {
    await page?.close();
    await program?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A fresh installation whose specialist takes these turns for any task with "build" in it. */
  async function begin(turns, dispatch = '') {
    folder = mkdtempSync(join(tmpdir(), 'frontdesk-approvals-'));
    model = await ModelServer.start();
    model.secretary.build = [use('dispatch', { action: 'run', slug: 'site', description: 'A site', prompt: 'build it', confidence: 'high', reason: 'work' })];
    model.specialist.build = turns;
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
${dispatch}
[specialist.claude-code]
command = "${claude}"
base_url = "${model.url}"
api_key = "file:key"
`);
    await start();
  }

  async function start() {
    program = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml')]);
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.setDefaultTimeout(stepMs);
    complaints = watchComplaints(page);
    await page.goto(await program.address());
  }

  async function write(text) {
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  const press = (name) => page.getByRole('button', { name, exact: true }).last().click();
  const made = () => existsSync(join(folder, 'projects/site/made-by-git'));
  const sees = (text) => page.getByText(text).last().waitFor();
  const badges = () => page.locator('.badge:visible').allInnerTexts();

  const step = (name, run) => test(name, { timeout: 3 * stepMs }, () => run().catch(async (error) => {
    const shown = await page?.getByRole('log').innerText({ timeout: 2000 }).catch(() => '(no conversation)');
    throw new Error(`${error.message}\n--- the page shows\n${shown}\n--- the program's log\n${program?.log}`, { cause: error });
  }));

  step('a command is shown, allowed once, and carried out', async () => {
    await begin([git, say('Ready.')]);
    await write('build it');
    await sees('wants to run this command');
    await sees('git init made-by-git');
    assert.ok(!made());
    await press('Allow once');
    await sees('Done: site.');
    assert.ok(made());
    assert.deepEqual(await badges(), ['Done', 'Allowed', 'Done']);  // the result stands below what was asked
    assert.deepEqual(complaints, []);
  });

  step('allowed for the task, the same is not asked again', async () => {
    await begin([git, use('Bash', { command: 'git init made-again', description: 'Again' }), say('Ready.')]);
    await write('build it');
    await page.getByRole('button', { name: 'Allow for this task' }).click();
    await sees('Done: site.');
    assert.ok(existsSync(join(folder, 'projects/site/made-again')));
    assert.deepEqual(await badges(), ['Done', 'Allowed for this task', 'Done']);
  });

  step('denied by button or in words, it is not carried out, and the result says so', async () => {
    await begin([git, say('I could not.')]);
    await write('build it');
    await sees('wants to run');
    await write('no');
    await sees('Blocked: site.');
    assert.ok(!made());
    assert.deepEqual(await badges(), ['Blocked', 'Denied', 'Blocked']);
    await write('build it again');
    await page.getByRole('button', { name: 'Deny' }).click();
    await until('both are blocked', async () => (await badges()).filter((badge) => badge === 'Blocked').length === 4, stepMs);
    assert.ok(!made());
  });

  step('without an answer in time it is refused', async () => {
    await begin([git, say('I could not.')], 'approval_timeout_s = 2');
    await write('build it');
    await sees('No answer within 2 s: denied.');
    await sees('Blocked: site.');
    assert.ok(!made());
    assert.equal(await page.getByRole('button', { name: 'Allow once' }).count(), 0);
  });

  step('a question is answered by a button, and another one in words', async () => {
    const ask = (question, options) => use('AskUserQuestion', {
      questions: [{ question, header: 'Choice', multiSelect: false, options: options.map((label) => ({ label, description: label })) }],
    });
    await begin([ask('Which database?', ['SQLite', 'PostgreSQL']), ask('Which colour?', ['Red', 'Blue']), say('Ready.')]);
    await write('build it');
    await sees('Which database?');
    await press('SQLite');
    await sees('Which colour?');
    await write('something between green and blue');
    await sees('Done: site.');
    assert.deepEqual(await badges(), ['Done', 'Answered', 'Answered', 'Done']);
  });

  step('a plan is changed in words, then goes on', async () => {
    const file = () => join(folder, 'projects/site/a.txt');
    await begin([], 'permission = "plan"');
    model.specialist.build = [use('ExitPlanMode', { plan: '1. Write a.txt' }), use('ExitPlanMode', { plan: 'A better plan' }),
      use('Write', { file_path: file(), content: 'a' }), say('Written.')];
    await write('build it');
    await sees('Write a.txt');
    await press('Change');
    await page.getByRole('textbox', { name: 'What should be different?' }).fill('do it better');
    await page.locator('.change').getByRole('button', { name: 'Send' }).click();
    await sees('A better plan');
    assert.ok(!existsSync(file()));
    await press('Go');
    await sees('Done: site.');
    assert.equal(readFileSync(file(), 'utf8'), 'a');
    assert.deepEqual(await badges(), ['Done', 'Changes requested', 'Allowed', 'Done']);
  });

  step('a plan that is stopped changes nothing', async () => {
    await begin([use('ExitPlanMode', { plan: '1. Write a.txt' }), say('too late')], 'permission = "plan"');
    await write('build it');
    await sees('Write a.txt');
    await press('Stop');
    await sees('Cancelled. Files written so far are kept.');
  });

  step('a request that was open at a restart is expired, and asked anew', async () => {
    await begin([git, say('Ready.')]);
    model.specialist = { 'You were interrupted': [git, say('Ready after all.')], ...model.specialist };
    await write('build it');
    await sees('wants to run');
    await program.stop('SIGKILL');
    await page.close();
    await start();
    await until('it is asked anew', async () => (await badges()).includes('Expired') && (await badges()).includes('Waiting for you'), stepMs);
    assert.ok(!made());
    await press('Allow once');
    await sees('Ready after all.');
    assert.ok(made());
  });
});
