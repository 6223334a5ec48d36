// A day's work with the secretary's own tools: the program with a scripted model, and the servers that people use for
// mail and calendars, which speak to real ones. What these hold afterwards is compared.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../browser/browser.mjs';
import { ModelServer, say, use } from '../browser/model_server.mjs';
import { Program, claude, missing } from '../browser/program.mjs';
import { ANN, BOB, PASSWORD, Servers, missingServers } from './servers.mjs';
import { SECRET, WebhookChat } from './webhook_chat.mjs';

const bin = process.env.FRONTDESK_HANDS_BIN;
const skip = missing || missingServers() || (bin ? false : 'FRONTDESK_HANDS_BIN must name the folder of the MCP servers');

/** What the tools have answered in this turn. */
function told({ messages }) {
  const from = messages.findLastIndex((message) => message.role === 'user'
    && !(Array.isArray(message.content) && message.content.some((block) => block.type === 'tool_result')));
  return messages.slice(from).flatMap((message) => (Array.isArray(message.content) ? message.content : []))
    .filter((block) => block.type === 'tool_result')
    .map((block) => (typeof block.content === 'string' ? block.content : block.content.map((one) => one.text).join('\n')));
}

describe('a day with mail and a calendar', { skip, concurrency: false }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'frontdesk-hands-'));
  let servers;
  let model;
  let chat;
  let program;
  let calendarUrl;

  before(async () => {
    [servers, model, chat] = await Promise.all([Servers.start(folder), ModelServer.start(), WebhookChat.open()]);
    calendarUrl = `${servers.calendarUrl}ann/work/`;
    for (const [name, text] of [['ops.secret', SECRET], ['model.key', 'key'], ['mail.secret', PASSWORD]]) {
      writeFileSync(path.join(folder, name), `${text}\n`, { mode: 0o600 });
    }
    writeFileSync(path.join(folder, 'frontdesk.toml'), `
[server]
listen = "127.0.0.1:0"
[secretary]
provider = "anthropic"
model = "scripted"
base_url = "${model.url}"
api_key = "file:model.key"
timezone = "Europe/Berlin"
[routing]
shadow = true
[dispatch]
projects_dir = "projects"
[specialist.claude-code]
command = ${JSON.stringify(claude)}
[chat.ops]
platform = "webhook"
secret = "file:ops.secret"
callback_url = "${chat.callbackUrl}"
repair_buttons = false
[mcp_servers.mail]
command = "${bin}/email-mcp"
allow = ["list_emails", "get_email", "search_emails"]
ask = ["send_email", "reply_email", "save_draft", "delete_email"]
people = ["ops:u-1"]
[mcp_servers.mail.env]
MCP_EMAIL_ADDRESS = "${ANN}"
MCP_EMAIL_PASSWORD = "file:mail.secret"
MCP_EMAIL_IMAP_HOST = "127.0.0.1"
MCP_EMAIL_IMAP_PORT = "${servers.imapPort}"
MCP_EMAIL_IMAP_TLS = "false"
MCP_EMAIL_SMTP_HOST = "127.0.0.1"
MCP_EMAIL_SMTP_PORT = "${servers.smtpPort}"
MCP_EMAIL_SMTP_TLS = "false"
[mcp_servers.mail.read_back]
save_draft = { tool = "list_emails", with = { account = "{account}", mailbox = "Drafts" } }
[mcp_servers.calendar]
command = "${bin}/caldav-mcp"
allow = ["list-calendars", "list-events"]
reads = ["list-*"]
ask = ["create-event", "update-event", "delete-event"]
people = ["ops:u-1"]
[mcp_servers.calendar.env]
CALDAV_BASE_URL = "${servers.calendarUrl}"
CALDAV_USERNAME = "ann"
CALDAV_PASSWORD = "file:mail.secret"
`);
    program = new Program(folder, ['serve', '--config', path.join(folder, 'frontdesk.toml')]);
    chat.webhookUrl = new URL('/webhooks/ops', await program.address()).href;
    // On a busy machine the servers need longer than a turn waits for them.
    await until('both servers have told their tools', async () => {
      await chat.says('hello');
      const offered = model.requests.at(-1).tools.map((tool) => tool.name);
      return ['mail__', 'calendar__'].every((server) => offered.some((name) => name.startsWith(server)));
    }, 120000);
  }, { timeout: 180000 });

  after(async () => {
    await program?.stop('SIGTERM');
    chat?.close();
    await model?.stop();
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const step = (name, run) => test(name, { timeout: 120000 }, () => run().then(() => {
    assert.deepEqual(model.notOffered, [], 'each tool that the model called was among those that it was offered');
  }).catch((error) => {
    throw new Error(`${error.message}\n--- the chat shows\n${JSON.stringify(chat.shown, null, 1)}\n--- the log\n${program.log}`, { cause: error });
  }));

  step('mail is listed, read and searched', async () => {
    servers.deliver(ANN, { from: 'Bob <bob@example.org>', subject: 'Lunch on Friday', text: 'Shall we have lunch at noon? Grüße, Bob' });
    servers.deliver(ANN, { from: 'Shop <shop@example.org>', subject: 'Your order 4711', text: 'It is on its way.' });
    model.secretary['what is new'] = [
      use('mail__list_emails', { account: 'default' }),
      (asked) => use('mail__get_email', { account: 'default', emailId: /\[(\d+)\] \S+ Lunch/.exec(told(asked)[0])[1] }),
      use('mail__search_emails', { account: 'default', query: 'order' }),
      (asked) => say(told(asked).join('\n=====\n')),
    ];
    const { text } = await chat.says('what is new in my mail?');
    assert.match(text, /Lunch on Friday/);
    assert.match(text, /Grüße, Bob/);
    assert.match(text.split('=====')[2], /order 4711/);
  });

  step('a reply is sent as it was changed, after Do it, and once', async () => {
    const reply = (body) => use('mail__reply_email', { account: 'default', emailId: '1', body });
    model.secretary['answer Bob'] = [reply('Dear Bob, noon is fine. Ann'), say('I have prepared it.')];
    model.secretary['rather at one'] = [reply('Dear Bob, one o’clock suits me better. Ann'), say('I have changed it.')];
    await chat.says('answer Bob that noon is fine');
    const first = await chat.asked('noon is fine');
    assert.match(first.text, /read with `get_email`[^]*Lunch on Friday[^]*Bob <bob@example\.org>/);
    await chat.presses(first, 'change');
    await chat.says('rather at one');
    const second = await chat.asked('one o’clock suits me better');
    assert.deepEqual(first.actions, []);
    assert.deepEqual(servers.mails(BOB), []);
    const done = await chat.presses(second, 'do');
    assert.match(done.text, /It says/);
    const arrived = servers.mails(BOB);
    assert.equal(arrived.length, 1);
    assert.match(arrived[0], /^From: .*ann@example\.org/m);
    assert.match(arrived[0], /^Subject: Re: Lunch on Friday/m);
    assert.match(arrived[0], /^In-Reply-To: </m);
    assert.match(bodyOf(arrived[0]), /one o’clock suits me better/);
    assert.doesNotMatch(bodyOf(arrived[0]), /noon is fine/);
  });

  step('what is refused is not sent', async () => {
    const before = servers.mails(BOB).length;
    model.secretary['tell Bob'] = [
      use('mail__send_email', { account: 'default', to: [BOB], subject: 'No', body: 'I do not come.' }), say('I have prepared it.'),
    ];
    await chat.says('tell Bob that I do not come');
    const refused = await chat.refuses(await chat.asked('I do not come.'));
    assert.match(refused.text, /You said no\. Nothing was done\./);
    assert.equal(servers.mails(BOB).length, before);
  });

  step('a draft lies in Drafts and goes nowhere', async () => {
    const before = servers.mails(BOB).length;
    model.secretary['draft'] = [
      use('mail__save_draft', { account: 'default', to: [BOB], subject: 'Budget', body: 'It is 300 euros.' }), say('I have prepared it.'),
    ];
    await chat.says('draft a mail to Bob about the budget');
    const { text } = await chat.presses(await chat.asked('It is 300 euros.'), 'do');
    assert.match(text, /I looked before and after it with `list_emails`\. This has changed:/);
    assert.match(text, /\+ \[\d+\].* Budget/);
    const drafts = servers.mails(ANN, 'Drafts');
    assert.equal(drafts.length, 1);
    assert.match(drafts[0], /^To: .*bob@example\.org/m);
    assert.match(bodyOf(drafts[0]), /It is 300 euros\./);
    assert.equal(servers.mails(BOB).length, before);
  });

  step('the deletion of a mail shows which one, and is refused', async () => {
    model.secretary['delete the order'] = [
      use('mail__list_emails', { account: 'default' }),
      (asked) => use('mail__delete_email', { account: 'default', emailId: /\[(\d+)\] \S* ?Your order/.exec(told(asked)[0])[1] }),
      say('I have deleted it.'),
    ];
    await chat.says('delete the order');
    const question = await chat.asked('`delete_email` of mail');
    assert.match(question.text, /Your order 4711[^]*Shop <shop@example\.org>/);
    assert.doesNotMatch(question.text, /Lunch on Friday/);
    await chat.refuses(question);
  });

  step('an event is created, then moved, and its deletion refused', async () => {
    model.secretary['new meeting'] = [
      use('calendar__create-event', { calendarUrl, summary: 'Budget', start: '2026-12-01T10:00:00+01:00', end: '2026-12-01T11:00:00+01:00' }),
      say('I have prepared it.'),
    ];
    await chat.says('a new meeting on Tuesday at ten about the budget');
    const question = await chat.asked('summary: Budget');
    assert.match(question.text, /2026-12-01 10:00 Europe\/Berlin/);
    assert.deepEqual(servers.events(), []);
    const made = await chat.presses(question, 'do');
    assert.match(servers.events()[0], /^DTSTART:20261201T090000Z/m);
    assert.match(made.text, /with `list-events`\. This has changed:[^]*\+ start: \S+ \(2026-12-01 10:00 Europe\/Berlin\)[^]*\+ summary: Budget/);

    model.secretary['move the meeting'] = [
      use('calendar__list-events', { calendarUrl, start: '2026-12-01T00:00:00+01:00', end: '2026-12-02T00:00:00+01:00' }),
      (asked) => use('calendar__update-event', { calendarUrl, uid: JSON.parse(told(asked)[0])[0].uid, start: '2026-12-01T14:00:00+01:00', end: '2026-12-01T15:00:00+01:00' }),
      say('I have prepared it.'),
    ];
    await chat.says('move the meeting to two in the afternoon');
    const toMove = await chat.asked('2026-12-01 14:00 Europe/Berlin');
    assert.match(toMove.text, /read with `list-events`[^]*summary: Budget[^]*start: \S+ \(2026-12-01 10:00 Europe\/Berlin\)/);
    const moved = await chat.presses(toMove, 'do');
    assert.match(moved.text, /- start: \S+ \(2026-12-01 10:00 Europe\/Berlin\)[^]*\+ start: \S+ \(2026-12-01 14:00 Europe\/Berlin\)/);
    assert.doesNotMatch(moved.text, /Nobody asked/);
    assert.equal(servers.events().length, 1);
    assert.match(servers.events()[0], /^DTSTART:20261201T130000Z/m);

    model.secretary['delete the meeting'] = [
      use('calendar__list-events', { calendarUrl, start: '2026-12-01T00:00:00+01:00', end: '2026-12-02T00:00:00+01:00' }),
      (asked) => use('calendar__delete-event', { calendarUrl, uid: JSON.parse(told(asked)[0])[0].uid }),
      say('I have prepared it.'),
    ];
    await chat.says('delete the meeting');
    const toDelete = await chat.asked('`delete-event` of calendar');
    assert.match(toDelete.text, /summary: Budget[^]*start: \S+ \(2026-12-01 14:00 Europe\/Berlin\)/);
    await chat.refuses(toDelete);
    assert.equal(servers.events().length, 1);
  });
});

/** The text of a mail, as it is read. */
function bodyOf(mail) {
  const [head, ...rest] = mail.split(/\r?\n\r?\n/);
  const body = rest.join('\n\n');
  if (/^Content-Transfer-Encoding: base64/mi.test(head)) return Buffer.from(body, 'base64').toString();
  if (!/^Content-Transfer-Encoding: quoted-printable/mi.test(head)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
