// One decision, and the review queue.

import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { becomes, until } from './browser.mjs';
import { consolePage } from './console_pages.mjs';

const { fake, open } = consolePage();

const kReport = 132;  // asked, confirmed, dispatched
const region = (page, name) => page.getByRole('region', { name, exact: true });
const steps = (page) => page.locator('.timeline .step');

describe('one decision', () => {
  test('shows message, proposal, p against the thresholds, the parts, the task and the result', async () => {
    const { page, complaints } = await open(`/log/${kReport}`);
    await region(page, 'Message').getByText('Compare SQLite and PostgreSQL').waitFor();
    const why = region(page, 'Why');
    await why.getByRole('img', { name: 'p is 0.62; asks from 0.35, dispatches from 0.75' }).waitFor();
    await why.getByRole('row', { name: /verb:build.*\+1\.90/ }).waitFor();
    await why.getByRole('row', { name: /question mark.*−0\.80/ }).waitFor();
    await why.getByText('It needs files and commands.').waitFor();
    assert.equal(await why.locator('.mark').evaluate((node) => node.style.left), '62%');
    assert.match(await region(page, 'Task as given').innerText(), /\n\nKeep it small\.\n  # no _heading_\n  \* no list$/);
    await region(page, 'Result as posted').getByText('The tasks are listed newest first.').first().waitFor();
    const approvals = region(page, 'Approvals').first();
    await approvals.getByText('web:ada pressed it').waitFor();
    assert.match((await approvals.innerText()).replace(/\s+/g, ' '), /This ran: pip install --user flask This was asked for, and did not run: run this command: pip install flask$/);
    await page.getByText('said yes to').waitFor();
    await region(page, 'How this is known').getByText('outcome, dispatch detail: files').waitFor();
    await region(page, 'Dispatch d-132').locator('.known', { hasText: 'inferred' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('shows each call of a tool, with what is the tool\'s word and what nobody knows', async () => {
    const { page, complaints } = await open(`/log/${kReport}`);
    const tools = region(page, 'Tools').first();
    await tools.getByText('done, as the tool says').waitFor();
    await tools.getByText('nobody knows whether it was done').waitFor();
    await tools.getByText('web:ada pressed it').waitFor();
    await tools.getByText('"to":"Monday"').waitFor();
    const step = (text) => steps(page).filter({ hasText: text });
    await becomes(() => step('list-events').locator('.known').innerText(), 'inferred');
    await becomes(() => step('move-event').locator('.known').innerText(), 'unknown');
    await step('list-events').getByText('0.3 s').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('names the rule where one decided', async () => {
    const blocked = fake.items.findLast((item) => item.rule);
    const { page } = await open(`/log/${blocked.id}`);
    await page.getByText('by the rule dispatch-command, whatever p is.').waitFor();
    await region(page, 'Why').getByText('p 0.99').waitFor();  // as the shell says: it is never 1
    await region(page, 'Why').getByRole('heading', { name: 'What the person ordered' }).waitFor();
    assert.equal(await page.getByText('secretary proposed').count(), 0);
  });

  test('names what else decided: shadow mode, or that nothing was proposed', async () => {
    Object.assign(fake.items.at(-1), { cause: 'shadow', action: 'answer', rule: null });
    Object.assign(fake.items.at(-2), { cause: 'policy', action: 'answer', rule: null, p: 0.6 });
    const { page } = await open(`/log/${fake.items.at(-1).id}`);
    await page.getByText('by the confidence of the secretary: p is only recorded').waitFor();
    await page.goto(`${fake.url}/log/${fake.items.at(-2).id}`);
    await page.getByText('because the secretary proposed no dispatch, although p = 0.60.').waitFor();
  });

  test('filters its timeline for failures and diffs, and opens them', async () => {
    const { page } = await open(`/log/${kReport}`);
    await steps(page).first().waitFor();
    const all = await steps(page).count();
    await page.getByRole('button', { name: 'Failures 1' }).click();
    await becomes(() => steps(page).count(), 1);
    await steps(page).getByText('1 failed, 7 passed').waitFor();
    await page.getByRole('button', { name: 'Diffs 1' }).click();
    await page.getByText('Edit app.py').click();
    await page.locator('.diff .added', { hasText: 'sorted(tasks.values()' }).waitFor();
    await page.getByRole('button', { name: /^All/ }).click();
    await becomes(() => steps(page).count(), all);
  });

  test('links to the files that were made, whoever looks', async () => {
    fake.me.role = 'viewer';
    fake.me.chat = false;
    const { page } = await open(`/log/${kReport}`);
    assert.equal(await page.getByRole('link', { name: 'tests/test_app.py' }).getAttribute('href'), `/api/v1/decisions/${kReport}/file?path=tests%2Ftest_app.py`);
  });

  test('shows the diff of a file that was made', async () => {
    fake.routes.set(`GET /decisions/${kReport}/diff`, ({ query }) => [200, `--- a/${query.path}\n+new line\n`]);
    const { page } = await open(`/log/${kReport}`);
    await page.getByRole('button', { name: 'Diff of app.py' }).click();
    await page.getByRole('dialog', { name: 'app.py' }).getByText('+new line').waitFor();
    await page.keyboard.press('Escape');
    await until('the dialog is closed', async () => (await page.getByRole('dialog').count()) === 0);
  });

  test('is judged with a note, by a call that proves where it comes from', async () => {
    const { page, complaints } = await open(`/log/${kReport}`);
    await page.getByRole('textbox', { name: 'Note' }).fill('far too small for that');
    await page.getByRole('button', { name: 'Should answer' }).click();
    await region(page, 'Verdicts').locator('strong', { hasText: 'should answer' }).waitFor();
    assert.deepEqual(fake.bodies(`/decisions/${kReport}/verdict`), [{ verdict: 'should_answer', note: 'far too small for that' }]);
    assert.deepEqual(complaints, []);
  });

  test('is run again, continued and cancelled', async () => {
    const { page } = await open(`/log/${kReport}`);
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('link', { name: 'd-900' }).waitFor();
    await page.getByRole('button', { name: 'Continue…' }).click();
    await page.getByRole('textbox', { name: 'What is to be done next' }).fill('add a chapter on costs');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await until('it was ordered', () => fake.bodies(`/decisions/${kReport}/continue`).length === 1);
    assert.deepEqual(fake.bodies(`/decisions/${kReport}/continue`), [{ text: 'add a chapter on costs' }]);
    const running = fake.items.findLast((item) => item.outcome === 'running');
    await page.goto(`${fake.url}/log/${running.id}`);
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await until('it was cancelled', () => fake.bodies(`/decisions/${running.id}/cancel`).length === 1);
  });

  test('follows what becomes of it', async () => {
    const { page } = await open(`/log/${kReport}`);
    await page.locator('.decision-head .badge', { hasText: 'success' }).waitFor();
    fake.items.find((item) => item.id === kReport).outcome = 'interrupted';
    fake.send({ type: 'dispatch', id: `d-${kReport}` });
    await page.locator('.decision-head .badge', { hasText: 'interrupted' }).waitFor();
  });

  test('offers a viewer nothing that the server would refuse, and says so where it refuses', async () => {
    fake.me.role = 'viewer';
    const { page } = await open(`/log/${kReport}`, { allow: [403] });
    await page.getByText('As a viewer you see everything here').waitFor();
    for (const name of ['Run again', 'Right', 'Should answer']) assert.equal(await page.getByRole('button', { name }).count(), 0);
    await page.reload();  // somebody took the role away while the page was open
    fake.me.role = 'operator';
    await page.reload();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
    assert.match(await page.getByRole('button', { name: 'Continue…' }).getAttribute('title'), /This needs the role admin\.$/);
    fake.me.role = 'viewer';
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('alert').filter({ hasText: 'Your role may not do this.' }).waitFor();
  });

  test('says that there is none of that number', async () => {
    const { page } = await open('/log/99999', { allow: [404] });
    await page.getByRole('alert').filter({ hasText: 'There is nothing' }).waitFor();
  });
});

describe('the review queue', () => {
  const why = [['near_threshold'], ['expensive', 'repaired'], ['thumbs_down'], ['random']];

  beforeEach(() => {
    fake.review = fake.items.slice(-50).map((item, index) => ({ ...item, why: why[index % why.length] }));
  });

  test('is worked off by the keyboard alone, fifty turns, one after the other', async () => {
    const { page, complaints } = await open('/review');
    await page.getByRole('heading', { name: `Decision ${fake.review[0].id}` }).waitFor();
    const given = ['right', 'should_answer', 'should_dispatch', 'bad_result'];
    for (let n = 0; n < 50; ++n) {
      await page.getByRole('heading', { name: `Decision ${fake.review[n].id}`, exact: true }).waitFor();
      await page.keyboard.press(String(n % 4 + 1));
    }
    await page.getByText('Nothing waits for a verdict.').waitFor();
    await until('all are judged', () => fake.judged.size === 50);
    fake.review.forEach((item, n) => assert.equal(fake.judged.get(item.id).verdict, given[n % 4]));
    await page.getByText('50 of 50 done').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('says why each is there, how far it is, and takes a note by the key n', async () => {
    const { page } = await open('/review');
    await page.getByText('p is near a threshold').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('4 is what I type, not what I press');
    await page.keyboard.press('Enter');
    await page.keyboard.press('2');
    await page.getByText('1 of 50 done').waitFor();
    await page.getByText('the person repaired it').waitFor();
    await until('it is judged', () => fake.judged.size === 1);
    assert.deepEqual(fake.judged.get(fake.review[0].id), { verdict: 'should_answer', note: '4 is what I type, not what I press' });
    await becomes(() => page.getByRole('textbox', { name: /Note/ }).inputValue(), '');
  });

  test('gives a turn back whose verdict was refused', async () => {
    const [first] = fake.review;
    fake.routes.set(`POST /decisions/${first.id}/verdict`, () => [503, { error: 'The database is not writable.' }]);
    const { page } = await open('/review', { allow: [503] });
    await page.getByRole('heading', { name: `Decision ${first.id}` }).waitFor();
    await page.keyboard.press('1');
    const refusal = page.getByRole('alert').filter({ hasText: 'The database is not writable.' });
    await refusal.waitFor();
    await page.getByRole('heading', { name: `Decision ${first.id}` }).waitFor();
    await page.getByText('0 of 50 done').waitFor();
    // A list that is drawn shows by its number.
    fake.review.pop();
    fake.send({ type: 'review' });
    await page.getByText('0 of 49 done').waitFor();
    assert.ok(await refusal.isVisible(), 'the list that came cleared the reason away');
  });

  test('takes verdicts back by the key u and by the button, the last one first', async () => {
    const { page } = await open('/review');
    const turn = (n) => page.getByRole('heading', { name: `Decision ${fake.review[n].id}`, exact: true }).waitFor();
    await turn(0);
    assert.ok(await page.getByRole('button', { name: 'Undo' }).isDisabled());
    await page.keyboard.press('2');
    await turn(1);
    await page.keyboard.press('n');
    await page.keyboard.type('worth a note');
    await page.keyboard.press('Enter');
    await page.keyboard.press('3');
    await turn(2);
    await page.keyboard.press('u');
    await turn(1);
    await page.getByText('1 of 50 done').waitFor();
    await becomes(() => page.getByRole('textbox', { name: /Note/ }).inputValue(), 'worth a note');
    await page.getByRole('button', { name: 'Undo' }).click();
    await turn(0);
    await page.getByText('0 of 50 done').waitFor();
    assert.equal(fake.judged.size, 0);
    await page.keyboard.press('1');
    await turn(1);
    await until('it is judged', () => fake.judged.get(fake.review[0].id)?.verdict === 'right');
  });

  test('offers Later and Undo on a phone, too', async () => {
    const { page } = await open('/review', { viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByRole('heading', { name: `Decision ${fake.review[1].id}`, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Right' }).click();
    await page.getByRole('heading', { name: `Decision ${fake.review[2].id}`, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: `Decision ${fake.review[1].id}`, exact: true }).waitFor();
  });

  test('leaves a turn for later, and leaves single keys alone where they are switched off', async () => {
    const { page } = await open('/review');
    await page.getByRole('heading', { name: `Decision ${fake.review[0].id}` }).waitFor();
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: `Decision ${fake.review[1].id}` }).waitFor();
    await page.getByRole('checkbox', { name: 'Single keys' }).uncheck();
    await page.getByRole('heading', { level: 2, name: /^Decision/ }).click();
    await page.keyboard.press('1');
    await page.getByRole('button', { name: 'Bad result' }).click();
    await until('it is judged', () => fake.judged.size === 1);
    assert.equal(fake.judged.get(fake.review[1].id).verdict, 'bad_result');
  });

  test('lets a viewer see, and not judge', async () => {
    fake.me.role = 'viewer';
    const { page } = await open('/review');
    await page.getByText('Judging takes an operator').waitFor();
    await page.keyboard.press('1');
    assert.equal(fake.requests.filter(({ method }) => method === 'POST').length, 0);
  });
});
