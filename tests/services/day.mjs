// A day at the page, as a person spends it, with the servers that people use for mail, calendar and notes and real ones behind
// them: mail is read and answered, a meeting moved, a deletion refused, a screenshot read, and in the afternoon the first
// provider is down. That takes longer than a test may (a provider that was down rests for half a minute), so it is run by hand:
// docs/developing.md says how. FRONTDESK_DAY_OUTAGE_S is how long the provider is down; 3600 is the hour of the real day.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, until, watchComplaints } from '../browser/browser.mjs';
import { ModelServer, say, use } from '../browser/model_server.mjs';
import { Program, claude, missing, program as bin } from '../browser/program.mjs';
import { ANN, BOB, PASSWORD, Servers, missingServers } from './servers.mjs';

const hands = process.env.FRONTDESK_HANDS_BIN;
const npm = process.env.FRONTDESK_NPM_BIN ?? (process.env.FRONTDESK_NODE_MODULES && path.join(process.env.FRONTDESK_NODE_MODULES, '.bin'));
const skip = missing || missingServers() || (hands && npm ? false : 'FRONTDESK_HANDS_BIN and FRONTDESK_NODE_MODULES must name the MCP servers');
const outageMs = 1000 * Number(process.env.FRONTDESK_DAY_OUTAGE_S ?? 35);
const stepMs = 30000;

/** What the tools have answered in this turn. */
function told({ messages }) {
  const from = messages.findLastIndex(({ role, content }) => role === 'user'
    && !(Array.isArray(content) && content.some((block) => block.type === 'tool_result')));
  return messages.slice(from).flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .filter((block) => block.type === 'tool_result')
    .map((block) => (typeof block.content === 'string' ? block.content : block.content.map((one) => one.text).join('\n')));
}

describe('a day at the page', { skip, concurrency: false }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'frontdesk-day-'));
  const config = path.join(folder, 'frontdesk.toml');
  let servers, first, second, program, browser, page, complaints, calendarUrl;

  before(async () => {
    [servers, first, second, browser] = await Promise.all([Servers.start(folder), ModelServer.start(), ModelServer.start(), launch()]);
    second.secretary = first.secretary;
    calendarUrl = `${servers.calendarUrl}ann/work/`;
    mkdirSync(path.join(folder, 'notes'));
    writeFileSync(path.join(folder, 'notes/shopping.txt'), 'milk, bread\n');
    for (const [name, text] of [['model.key', 'key'], ['mail.secret', PASSWORD]]) {
      writeFileSync(path.join(folder, name), `${text}\n`, { mode: 0o600 });
    }
    writeFileSync(config, `
[server]
listen = "127.0.0.1:0"
[secretary]
model = "first"
base_url = "${first.url}"
api_key = "file:model.key"
timezone = "Europe/Berlin"
[[secretary.fallback]]
provider = "anthropic"
model = "second"
base_url = "${second.url}"
api_key = "file:model.key"
[dispatch]
projects_dir = "projects"
[specialist.claude-code]
command = ${JSON.stringify(claude)}
[mcp_servers.mail]
command = "${hands}/email-mcp"
allow = ["list_emails", "get_email", "search_emails", "list_mailboxes"]
ask = ["send_email", "reply_email", "save_draft", "delete_email"]
[mcp_servers.mail.read_back]
save_draft = { tool = "list_emails", with = { account = "{account}", mailbox = "Drafts" } }
[mcp_servers.mail.env]
MCP_EMAIL_ADDRESS = "${ANN}"
MCP_EMAIL_PASSWORD = "file:mail.secret"
MCP_EMAIL_IMAP_HOST = "127.0.0.1"
MCP_EMAIL_IMAP_PORT = "${servers.imapPort}"
MCP_EMAIL_IMAP_TLS = "false"
MCP_EMAIL_SMTP_HOST = "127.0.0.1"
MCP_EMAIL_SMTP_PORT = "${servers.smtpPort}"
MCP_EMAIL_SMTP_TLS = "false"
[mcp_servers.calendar]
command = "${hands}/caldav-mcp"
allow = ["list-calendars", "list-events", "list-todos"]
ask = ["create-event", "update-event", "delete-event", "create-todo", "complete-todo"]
reads = ["list-*"]
[mcp_servers.calendar.env]
CALDAV_BASE_URL = "${servers.calendarUrl}"
CALDAV_USERNAME = "ann"
CALDAV_PASSWORD = "file:mail.secret"
[mcp_servers.notes]
command = "${npm}/mcp-server-filesystem"
args = ["${folder}/notes"]
allow = ["read_text_file", "list_directory", "search_files"]
ask = ["write_file", "edit_file"]
state = ["${folder}/notes"]
network = false
`);
    program = new Program(folder, ['serve', '--config', config]);
    page = await browser.newPage({ viewport: { width: 1100, height: 900 }, timezoneId: 'Europe/Berlin' });
    page.setDefaultTimeout(stepMs);
    complaints = watchComplaints(page);
    await page.goto(await program.address());
    // On a busy machine the servers need longer than a turn waits for them.
    for (const [words, server] of [['any mail?', 'mail__'], ['is my calendar there?', 'calendar__'], ['list the files', 'notes__']]) {
      await until(`${server} has told its tools`, async () => {
        await asks(words, 'Nothing to do.');
        await new Promise((resolve) => { setTimeout(resolve, 500); });
        return first.requests.at(-1).tools.some((tool) => tool.name.startsWith(server));
      }, 2 * stepMs).catch((error) => { throw new Error(`${error.message}\n${program.log}`, { cause: error }); });
    }
  }, { timeout: 4 * stepMs });

  after(async () => {
    await program?.stop('SIGTERM');
    await browser?.close();
    await Promise.all([first?.stop(), second?.stop(), servers?.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const step = (name, run) => test(name, { timeout: 4 * stepMs + outageMs }, () => run().then(() => {
    assert.deepEqual([first.notOffered, second.notOffered], [[], []], 'each tool that was called was among those offered');
    assert.deepEqual(complaints, []);
  }).catch(async (error) => {
    throw new Error(`${error.message}\n--- the page shows\n${await page.locator('body').innerText()}\n--- the log\n${program.log}`, { cause: error });
  }));
  const messages = () => page.getByRole('article');
  /** Writes it, and waits for a newer message that has `part`. Result: its text. */
  const asks = async (text, part) => {
    const before = await messages().count();
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.keyboard.press('Enter');
    return shows(part, before + 1);
  };
  const shows = (part, from = 0) => until(`"${part}" is shown`, async () => {
    const texts = await messages().allInnerTexts();
    return texts.slice(from).find((text) => text.includes(part));
  }, stepMs);
  /** Presses a button under the newest message that has it. */
  const presses = (name) => page.getByRole('button', { name, exact: true }).last().click();

  step('mail is read', async () => {
    servers.deliver(ANN, { from: 'Bob <bob@example.org>', subject: 'Lunch on Friday', text: 'Shall we have lunch at noon? Grüße, Bob' });
    servers.deliver(ANN, { from: 'Shop <shop@example.org>', subject: 'Your order 4711', text: 'It is on its way.' });
    first.secretary['what is new'] = [
      use('mail__list_emails', { account: 'default' }),
      (asked) => use('mail__get_email', { account: 'default', emailId: /\[(\d+)\] \S+ Lunch/.exec(told(asked)[0])[1] }),
      (asked) => say(`You have two: ${told(asked).join(' and ')}`),
    ];
    const text = await asks('what is new in my mail?', 'You have two');
    assert.match(text, /Your order 4711[^]*Grüße, Bob/);
  });

  step('one is answered, with a change of wording', async () => {
    const reply = (body) => use('mail__reply_email', { account: 'default', emailId: '1', body });
    first.secretary['answer Bob'] = [reply('Dear Bob, noon is fine. Ann'), say('I have prepared it.')];
    first.secretary['rather at one'] = [reply('Dear Bob, one o’clock suits me better. Ann'), say('I have changed it.')];
    const question = await asks('answer Bob that noon is fine', 'Dear Bob, noon is fine. Ann');
    assert.match(question, /Lunch on Friday[^]*Bob <bob@example\.org>/);
    await presses('Change');
    await shows('Write what should be different.');
    await asks('rather at one', 'one o’clock suits me better');
    await shows('Replaced by the one below.');
    assert.deepEqual(servers.mails(BOB), []);
    await presses('Do it');
    await until('the mail has arrived', () => servers.mails(BOB).length === 1, stepMs);
    const [mail] = servers.mails(BOB);
    assert.match(mail, /^Subject: Re: Lunch on Friday/m);
    assert.match(mail, /suits me better/);
    assert.doesNotMatch(mail, /noon is fine/);
  });

  step('a meeting is moved', async () => {
    await servers.put('budget', ['DTSTART:20261201T090000Z', 'DTEND:20261201T100000Z', 'SUMMARY:Budget']);
    first.secretary['move the meeting'] = [
      use('calendar__list-events', { calendarUrl, start: '2026-12-01T00:00:00+01:00', end: '2026-12-02T00:00:00+01:00' }),
      (asked) => use('calendar__update-event', { calendarUrl, uid: JSON.parse(told(asked)[0])[0].uid, start: '2026-12-01T14:00:00+01:00', end: '2026-12-01T15:00:00+01:00' }),
      say('I have prepared it.'),
    ];
    const question = await asks('move the meeting to two in the afternoon', '2026-12-01 14:00 Europe/Berlin');
    assert.match(question, /summary: Budget[^]*2026-12-01 10:00 Europe\/Berlin/);
    await presses('Do it');
    await shows('This has changed:');
    assert.equal(servers.events().length, 1);
    assert.match(servers.events()[0], /^DTSTART:20261201T130000Z/m);
  });

  step('a deletion is refused', async () => {
    first.secretary['cancel the budget'] = [
      use('calendar__list-events', { calendarUrl, start: '2026-12-01T00:00:00+01:00', end: '2026-12-02T00:00:00+01:00' }),
      (asked) => use('calendar__delete-event', { calendarUrl, uid: JSON.parse(told(asked)[0])[0].uid }),
      say('I have prepared it.'),
    ];
    const question = await asks('cancel the budget meeting', 'delete-event of calendar');
    assert.match(question, /summary: Budget/);
    await presses('No');
    await shows('You said no. Nothing was done.');
    assert.equal(servers.events().length, 1);
  });

  step('a screenshot is read', async () => {
    const screen = await browser.newPage({ viewport: { width: 900, height: 500 } });
    await screen.setContent('<h1>Error 0x80070057</h1><p>The parameter is incorrect.</p>');
    const picture = await screen.screenshot();
    await screen.close();
    first.secretary['screenshot'] = [({ messages: sent }) => {
      const image = sent.at(-1).content.find((block) => block.type === 'image');
      return say(`It is a picture of ${image.source.media_type}, ${Buffer.from(image.source.data, 'base64').length > 1000 ? 'whole' : 'empty'}.`);
    }];
    await page.setInputFiles('#file-chooser', { name: 'screen.png', mimeType: 'image/png', buffer: picture });
    await page.locator('#attachments .chip-note').waitFor();
    await asks('what does the error in this screenshot say?', 'It is a picture of image/jpeg, whole.');
  });

  step('while the first provider is down the second answers, and then the first again', async () => {
    first.secretary['in my notes'] = [
      use('notes__read_text_file', { path: path.join(folder, 'notes/shopping.txt') }), (asked) => say(`They say: ${told(asked)[0]}`),
    ];
    const port = new URL(first.url).port;
    const [before, mails] = [first.requests.length, servers.mails(BOB).length];
    assert.equal(second.requests.length, 0);
    await first.stop();
    const back = Date.now() + outageMs;
    for (let n = 1; n === 1 || Date.now() < back; ++n) {
      await asks(`what is in my notes? (${n})`, 'They say: milk, bread');
      await new Promise((resolve) => { setTimeout(resolve, Math.max(0, Math.min(outageMs / 6, back - Date.now()))); });
    }
    assert.ok(second.requests.length >= 10, `${second.requests.length} requests to the second`);
    assert.equal(first.requests.length, before);
    const { secretary, notOffered } = first;
    first = await ModelServer.start(port);
    Object.assign(first, { secretary, notOffered });
    await until('the first one is asked again', async () => {
      await asks('good evening', 'Nothing to do.');
      return first.requests.length > 0;
    }, stepMs + 300000);  // the longest rest
    const shown = spawnSync(bin, ['log', 'list', '--config', config, '--json'], { encoding: 'utf8', cwd: folder, env: { ...process.env, HOME: folder } });
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(program.log, /first is down and asked last for 30 s/);
    assert.match(program.log, /first answers again/);
    assert.equal(servers.mails(BOB).length, mails);
    assert.equal(readFileSync(path.join(folder, 'notes/shopping.txt'), 'utf8'), 'milk, bread\n');
  });
});
