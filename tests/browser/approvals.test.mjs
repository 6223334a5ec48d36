// What the specialist asks while it works, as a person sees and answers it on the page: the real program, the real
// Claude Code, a scripted model.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { becomes, launch, until, watchComplaints } from './browser.mjs';
import { ModelServer, say, use } from './model_server.mjs';
import { claude, missing, Program } from './program.mjs';

const stepMs = 60000;
const git = use('Bash', { command: 'git init made-by-git', description: 'Make a repository' });
const ask = (question, options) => use('AskUserQuestion', {
  questions: [{ question, header: 'Choice', multiSelect: false, options: options.map((label) => ({ label, description: label })) }],
});

/** A fresh installation whose specialist takes these turns for any task with "build" in it, and a page that is open on it. */
class Installation {
  folder = mkdtempSync(join(tmpdir(), 'frontdesk-approvals-'));

  static async begin(browser, turns, dispatch) {
    const here = new Installation();
    here.browser = browser;
    here.model = await ModelServer.start();
    here.model.secretary.build = [use('dispatch', { action: 'run', slug: 'site', description: 'A site', prompt: 'build it', confidence: 'high', reason: 'work' })];
    here.model.specialist.build = turns;
    writeFileSync(join(here.folder, 'key'), 'a-key-of-the-test\n');
    writeFileSync(join(here.folder, 'frontdesk.toml'), `
[server]
listen = "127.0.0.1:0"
[secretary]
model = "scripted"
base_url = "${here.model.url}"
api_key = "file:key"
[dispatch]
projects_dir = "projects"
sandbox = "off"
${dispatch}
[specialist.claude-code]
command = "${claude}"
base_url = "${here.model.url}"
api_key = "file:key"
`);
    await here.start();
    return here;
  }

  async start() {
    this.program = new Program(this.folder, ['serve', '--config', join(this.folder, 'frontdesk.toml')]);
    this.page = await this.browser.newPage({ viewport: { width: 1100, height: 900 } });
    this.page.setDefaultTimeout(stepMs);
    this.complaints = watchComplaints(this.page);
    await this.page.goto(await this.program.address());
  }

  async end() {
    await this.page?.close();
    await this.program?.stop();
    await this.model?.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async write(text) {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  press(name) { return this.page.getByRole('button', { name, exact: true }).last().click(); }
  sees(text) { return this.page.getByText(text).last().waitFor(); }
  /** Waits for these: the result of a run is a message behind the note that tells its end. */
  shows(badges) { return becomes(() => this.badges(), badges); }
  badges() { return this.page.locator('.badge:visible').allInnerTexts(); }
  path(name) { return join(this.folder, 'projects/site', name); }
  made() { return existsSync(this.path('made-by-git')); }

  /** Adds to a failure what is needed to understand it. */
  async explain(error) {
    const shown = await this.page?.getByRole('log').innerText({ timeout: 2000 }).catch(() => '(no conversation)');
    throw new Error(`${error.message}\n--- the page shows\n${shown}\n--- the program's log\n${this.program?.log}`, { cause: error });
  }
}

// Two at a time: each waits for the other programs more than it works.
describe('requests of the specialist', { skip: missing, concurrency: 2 }, () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(async () => { await browser?.close(); });

  /** `run` gets the installation whose specialist takes `turns`. */
  const step = (name, { turns, dispatch = '' }, run) => test(name, { timeout: 3 * stepMs }, async () => {
    const here = await Installation.begin(browser, turns, dispatch);
    try {
      await run(here).catch((error) => here.explain(error));
    } finally {
      await here.end();
    }
  });

  step('a command is shown, allowed once, and carried out', { turns: [git, say('Ready.')] }, async (here) => {
    await here.write('build it');
    await here.sees('wants to run this command');
    await here.sees('git init made-by-git');
    assert.ok(!here.made());
    await here.press('Allow once');
    await here.sees('Done: site.');
    assert.ok(here.made());
    await here.shows(['Done', 'Allowed', 'Done']);  // the result stands below what was asked
    assert.deepEqual(here.complaints, []);
  });

  step('allowed for the task, the same is not asked again', { turns: [git, use('Bash', { command: 'git init made-again', description: 'Again' }), say('Ready.')] }, async (here) => {
    await here.write('build it');
    await here.page.getByRole('button', { name: 'Allow for this task' }).click();
    await here.sees('Done: site.');
    assert.ok(existsSync(here.path('made-again')));
    await here.shows(['Done', 'Allowed for this task', 'Done']);
  });

  step('denied by button or in words, it is not carried out, and the result says so', { turns: [git, say('I could not.')] }, async (here) => {
    await here.write('build it');
    await here.sees('wants to run');
    await here.write('no');
    await here.sees('Blocked: site.');
    assert.ok(!here.made());
    await here.shows(['Blocked', 'Denied', 'Blocked']);
    await here.write('build it again');
    await here.page.getByRole('button', { name: 'Deny' }).click();
    await until('both are blocked', async () => (await here.badges()).filter((badge) => badge === 'Blocked').length === 4, stepMs);
    assert.ok(!here.made());
  });

  step('without an answer in time it is refused', { turns: [git, say('I could not.')], dispatch: 'approval_timeout_s = 2' }, async (here) => {
    await here.write('build it');
    await here.sees('No answer within 2 seconds: denied.');
    await here.sees('Blocked: site.');
    assert.ok(!here.made());
    assert.equal(await here.page.getByRole('button', { name: 'Allow once' }).count(), 0);
  });

  step('a question is answered by a button, and another one in words', { turns: [ask('Which database?', ['SQLite', 'PostgreSQL']), ask('Which colour?', ['Red', 'Blue']), say('Ready.')] }, async (here) => {
    await here.write('build it');
    await here.sees('Which database?');
    await here.press('SQLite');
    await here.sees('Which colour?');
    await here.write('something between green and blue');
    await here.sees('Done: site.');
    await here.shows(['Done', 'Answered', 'Answered', 'Done']);
  });

  step('a plan is changed in words, then goes on', { turns: [], dispatch: 'permission = "plan"' }, async (here) => {
    const file = () => here.path('a.txt');
    here.model.specialist.build = [use('ExitPlanMode', { plan: '1. Write a.txt' }), use('ExitPlanMode', { plan: 'A better plan' }),
      use('Write', { file_path: file(), content: 'a' }), say('Written.')];
    await here.write('build it');
    await here.sees('Write a.txt');
    await here.press('Change');
    await here.page.getByRole('textbox', { name: 'What should be different?' }).fill('do it better');
    await here.page.locator('.change').getByRole('button', { name: 'Send' }).click();
    await here.sees('A better plan');
    assert.ok(!existsSync(file()));
    await here.press('Go');
    await here.sees('Done: site.');
    assert.equal(readFileSync(file(), 'utf8'), 'a');
    await here.shows(['Done', 'Changes requested', 'Allowed', 'Done']);
  });

  step('a plan that is stopped changes nothing', { turns: [use('ExitPlanMode', { plan: '1. Write a.txt' }), say('too late')], dispatch: 'permission = "plan"' }, async (here) => {
    await here.write('build it');
    await here.sees('Write a.txt');
    await here.press('Stop');
    await here.sees('Cancelled. Files written so far are kept.');
  });

  step('a request that was open at a restart is expired, and asked anew', { turns: [git, say('Ready.')] }, async (here) => {
    here.model.specialist = { 'You were interrupted': [git, say('Ready after all.')], ...here.model.specialist };
    await here.write('build it');
    await here.sees('wants to run');
    await here.program.stop('SIGKILL');
    await here.page.close();
    await here.start();
    await until('it is asked anew', async () => (await here.badges()).includes('Expired') && (await here.badges()).includes('Waiting for you'), stepMs);
    assert.ok(!here.made());
    await here.press('Allow once');
    await here.sees('Ready after all.');
    assert.ok(here.made());
  });
});
