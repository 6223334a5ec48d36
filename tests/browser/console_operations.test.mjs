// The console's pages for operations, people, budgets and health: what a person settles there, and what a role may not.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { becomes, until } from './browser.mjs';
import { consolePage, lead, settledRequests } from './console_pages.mjs';
import { FakeOperations } from './fake_operations.mjs';

const { fake, open: openPlace } = consolePage(FakeOperations.attach);

describe('the pages for operations', { concurrency: false }, () => {
  let page;
  let operations;
  let complaints;
  let allowed;

  beforeEach(() => {
    operations = fake.operations;
    allowed = [];
    complaints = [];
  });
  afterEach(() => assert.deepEqual(complaints, []));

  /** A second one in a test leads on from the first, as a link does. */
  const open = async (section) => {
    if (page && page.url().startsWith(fake.url)) return lead(page, `/${section}`);
    return ({ page, complaints } = await openPlace(`/${section}`, { allow: allowed }));
  };
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  const gone = (locator) => locator.waitFor({ state: 'detached' });

  test('what waits is settled by a button, and goes away', async () => {
    await open('operations');
    await page.getByText('pip install pandas openpyxl').waitFor();
    await press('Allow once: A specialist asks for permission');
    await gone(page.getByText('pip install pandas openpyxl'));
    assert.deepEqual(operations.sent('POST', '/inbox/approval/31'), [{ action: 'allow_once' }]);
  });

  test('what waits names people by their id, too, since a name can be anybody\'s', async () => {
    await open('operations');
    for (const { person } of operations.inbox.filter((item) => item.person)) await page.locator('.s-inbox-item code', { hasText: person }).first().waitFor();
  });

  test('of two of one name who want to come in the id is shown, and the one that is meant is admitted', async () => {
    const asks = (id, person) => ({ kind: 'pairing', id, at: new Date().toISOString(), until: null, chat: 'tg:direct', person, name: 'Dana Novak', dispatch: null, project: null, title: 'Waits to be admitted', detail: '',
      actions: [{ id: 'admit', label: 'Admit', style: 'primary', needs_text: false }] });
    operations.inbox = [asks('3', 'tg:98765'), asks('4', 'tg:98766')];
    await open('operations');
    const row = (person) => page.locator('.s-inbox-item', { has: page.locator('code', { hasText: person }) });
    await row('tg:98765').waitFor();
    await row('tg:98766').getByRole('button', { name: 'Admit: Waits to be admitted' }).click();
    await gone(row('tg:98766'));
    assert.deepEqual(operations.sent('POST', '/inbox/pairing/4'), [{ action: 'admit' }]);
    assert.deepEqual(operations.sent('POST', '/inbox/pairing/3'), []);
    await row('tg:98765').waitFor();
  });

  test('what needs words asks for them', async () => {
    await open('operations');
    await press('Change: A specialist proposes a plan');
    const change = page.getByRole('button', { name: 'Change', exact: true });
    await change.click({ force: true });
    assert.deepEqual(operations.sent('POST', '/inbox/approval/32'), [], 'not without words');
    await page.getByLabel('What to do instead').fill('tests first');
    await change.click();
    await gone(page.getByText('Add SQLite storage'));
    assert.deepEqual(operations.sent('POST', '/inbox/approval/32'), [{ action: 'change', text: 'tests first' }]);
  });

  test('a call that somebody is asked about is refused with a reason, and one in doubt put away', async () => {
    await open('operations');
    await page.getByText('id: standup-4711').waitFor();
    await press('No: The secretary asked whether to call delete-event of calendar');
    await page.getByLabel('Why not: their chat is told').fill('not this one');
    await press('No');
    await gone(page.getByText('id: standup-4711'));
    assert.deepEqual(operations.sent('POST', '/inbox/tool/7'), [{ action: 'no', text: 'not this one' }]);
    await press('Put away: Nobody can tell whether send_email of mail was done');
    await gone(page.getByText('to: dana@example.org'));
    assert.deepEqual(operations.sent('POST', '/inbox/uncertain_call/5'), [{ action: 'done' }]);
  });

  test('what somebody else has settled is said, and looked at again', async () => {
    allowed.push(409);
    await open('operations');
    await settledRequests(fake, '/inbox');
    operations.refuseNext('POST', '/inbox/question/87', 409, 'Somebody has settled this already.');
    await press('Yes: The secretary asked whether a specialist should do it');
    const alert = page.getByRole('alert');
    await alert.getByText('Somebody has settled this already.').waitFor();
    operations.inbox = [];
    await alert.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Nothing waits for a person.').waitFor();
  });

  test('news come without a reload', async () => {
    await open('operations');
    await page.getByText('pip install pandas openpyxl').waitFor();
    operations.inbox.push({ kind: 'question', id: '88', at: new Date().toISOString(), chat: 'tg:1', person: 'tg:2', name: null, dispatch: null, project: null, title: 'A new question', detail: null, actions: [] });
    fake.send({ type: 'inbox' });
    await page.getByText('A new question').waitFor();
    operations.overview.running[0].step = 'Bash: pytest';
    fake.send({ type: 'dispatch', id: 'd-118' });
    await page.getByText('Bash: pytest').waitFor();
  });

  for (const [button, what, state] of [['It arrived', 'arrived', 'delivered'], ['Send again', 'send_again', 'ready']]) {
    test(`an uncertain delivery is settled by "${button}"`, async () => {
      await open('operations');
      await press(`${button}: tg:-100123`);
      await page.getByText('Every delivery is known to have arrived.').waitFor();
      assert.equal(operations.sent('POST', `/deliveries/msg_512.1/${what}`).length, 1);
      assert.equal(operations.deliveries[0].state, state);
    });
  }

  test('a delivery that was given up is put away', async () => {
    operations.deliveries[0] = { ...operations.deliveries[0], id: 'msg_513', part: null, state: 'dead', error: 'the bot was removed from the group' };
    await open('operations');
    await page.getByText('the bot was removed from the group').waitFor();
    await press('Put away: tg:-100123');
    await page.getByText('Every delivery is known to have arrived.').waitFor();
    assert.deepEqual(operations.sent('POST', '/deliveries/msg_513/put_away'), [{}]);
  });

  test('a person who waits is let in', async () => {
    await open('people');
    await page.getByText('tg:98765').waitFor();
    await press('Let in Dana Novak');
    await page.getByText('Dana Novak is let in.').waitFor();
    assert.deepEqual(operations.sent('POST', '/pairing/tg%3A98765'), [{ admit: true, place: '' }]);
    await page.getByRole('row').filter({ hasText: 'Dana Novak' }).waitFor();
    await page.getByText('Nobody is waiting.').waitFor();
  });

  test('a person is found, blocked and given a role', async () => {
    await open('people');
    await page.getByLabel('Find a person').fill('ben');
    await gone(page.getByRole('row').filter({ hasText: 'Ada Lindqvist' }));
    const role = page.getByLabel('Role of Ben Okafor');
    await role.selectOption('admin');  // as the arrow keys step through them
    await role.selectOption('approver');
    await press('Make Ben Okafor approver');
    await until('the role is set', () => operations.people[0].role === 'approver');
    await press('Block Ben Okafor');
    await page.getByRole('row').filter({ hasText: 'Ben Okafor' }).getByText('blocked').waitFor();
    assert.deepEqual(operations.sent('PUT', '/people/team%3AU7'), [{ role: 'approver' }, { blocked: true }]);
  });

  test('a person is erased only after the name was typed, and Escape erases nobody', async () => {
    await open('people');
    await press('Erase Ben Okafor');
    await page.getByRole('dialog', { name: 'Erase Ben Okafor?' }).waitFor();
    await page.keyboard.press('Escape');
    await gone(page.getByRole('dialog'));
    await press('Erase Ben Okafor');
    const sure = page.getByRole('button', { name: 'Erase for good' });
    await page.getByLabel('Type the name or the id to confirm').fill('Ben');
    await sure.click({ force: true });
    assert.equal(operations.people.length, 3);
    await page.getByLabel('Type the name or the id to confirm').fill('Ben Okafor');
    await page.keyboard.press('Enter');
    await gone(page.getByRole('dialog'));
    await gone(page.getByRole('row').filter({ hasText: 'Ben Okafor' }));
    assert.deepEqual(operations.sent('POST', '/people/team%3AU7/erase'), [{ confirm: 'team:U7' }]);
  });

  test('spending is held against its limits, and the savings are a sum', async () => {
    await open('budgets');
    const today = page.getByRole('meter', { name: 'Accounting, Today' });
    assert.equal(await today.getAttribute('aria-valuetext'), '$5.00 of $5.00, 100 %');
    await page.getByText('spent', { exact: true }).last().waitFor();
    await page.getByText('$447.20 saved').waitFor();
    await page.getByLabel('Looking back').selectOption('7 days');
    await until('seven days are asked for', () => operations.requests.some(({ path, query }) => path === '/savings' && query.days === '7'));
  });

  test('the checks run again, and their progress shows', async () => {
    await open('health');
    await page.getByText('1 check fails').waitFor();
    await page.getByRole('button', { name: 'Run all checks' }).click();
    await page.getByText('9 checks still running').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Checking…' }).getAttribute('aria-disabled'), 'true');
    operations.health.running = false;
    operations.health.checks.forEach((check) => { check.status = 'ok'; });
    await page.getByText('all is well').waitFor();
  });

  test('an admin ends a session', async () => {
    await open('health');
    await press('Sign out viewer at 10.0.0.7');
    await gone(page.getByRole('button', { name: 'Sign out viewer at 10.0.0.7' }));
    assert.equal(operations.requests.filter(({ method, path }) => method === 'DELETE' && path === '/sessions/2').length, 1);
    assert.equal(await page.getByRole('row').filter({ hasText: 'this one' }).getByRole('button').count(), 0);
  });

  test('whoever is signed in elsewhere sees it, and signs out there', async () => {
    fake.me.role = 'viewer';
    await open('log');
    await page.getByRole('link', { name: 'ada viewer' }).click();
    await page.getByRole('row').filter({ hasText: 'this one' }).waitFor();
    await becomes(() => page.getByRole('row').filter({ hasText: 'ada' }).count(), 2, 'nobody else is there');
    await press('Sign out everywhere else');
    await page.getByText('You are signed in nowhere else.').waitFor();
    assert.deepEqual(operations.sessions.map(({ id }) => id), [1, 2]);
  });

  test('an operator is not shown sessions, and may not touch people; the server has the last word', async () => {
    allowed.push(403);
    fake.me.role = 'operator';
    await open('health');
    await page.getByRole('heading', { name: 'Size of the database' }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Sessions' }).count(), 0);
    await open('people');
    await page.getByText('You are signed in as operator. This needs the role admin.').first().waitFor();
    const letIn = page.getByRole('button', { name: 'Let in Dana Novak' });
    assert.equal(await letIn.getAttribute('aria-disabled'), 'true');
    await letIn.click({ force: true });
    assert.equal(await page.getByLabel('Role of Ben Okafor').count(), 0, 'the role is words, not a choice');
    assert.deepEqual(operations.requests.filter(({ method }) => method !== 'GET'), []);

    fake.me.role = 'admin';
    await page.reload();
    await letIn.and(page.locator(':not([aria-disabled])')).waitFor();
    fake.me.role = 'viewer';  // taken away while the page is open
    await letIn.click();
    await page.getByRole('alert').getByText('The role viewer may not do this.').waitFor();
    assert.equal(operations.pairing.length, 1);
  });
});
