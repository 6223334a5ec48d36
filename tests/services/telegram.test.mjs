// The program with the demo model and the real Claude Code CLI against telegram-test-api, an emulator of the Bot API
// that others wrote. FRONTDESK_NODE_MODULES is where npm installed it.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../browser/browser.mjs';
import { Program, claude, missing } from '../browser/program.mjs';

const modules = process.env.FRONTDESK_NODE_MODULES;
const skip = missing || (modules ? false : 'FRONTDESK_NODE_MODULES must name the folder of the npm packages');
const TOKEN = '123456:token-of-the-test';
const SECRET = 'secret_of_the_test';

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createSocketServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The emulator, the program, and what a person does and sees. */
class Chat {
  static async open(transport) {
    const chat = new Chat();
    const { TelegramServer } = createRequire(path.join(modules, 'index.js'))('telegram-test-api/lib/telegramServer.js');
    chat.port = await freePort();
    chat.server = new TelegramServer({ host: '127.0.0.1', port: chat.port, storeTimeout: 600 });
    await chat.server.start();
    chat.client = chat.server.getClient(TOKEN, { timeout: 60000, userId: 77, chatId: 77, firstName: 'Ann' });
    chat.folder = await mkdtemp(path.join(tmpdir(), 'frontdesk-telegram-'));
    await writeFile(path.join(chat.folder, 'token'), `${TOKEN}\n`);
    await writeFile(path.join(chat.folder, 'secret'), `${SECRET}\n`);
    const secret = transport === 'webhook' ? 'secret = "file:secret"\n' : '';
    await writeFile(path.join(chat.folder, 'frontdesk.toml'), `
[server]
listen = "127.0.0.1:0"
[dispatch]
projects_dir = "projects"
sandbox = "off"
[specialist.claude-code]
command = ${JSON.stringify(claude)}
[chat.tg]
platform = "telegram"
access = "open"
token = "file:token"
${secret}transport = "${transport}"
api_base_url = "http://127.0.0.1:${chat.port}"
`);
    chat.program = new Program(chat.folder, ['serve', '--demo', '--config', path.join(chat.folder, 'frontdesk.toml')]);
    const page = new URL(await chat.program.address());
    if (transport === 'webhook') await chat.relay(page.port);
    return chat;
  }

  /** The emulator does not send the secret of setWebhook; the service does. */
  async relay(port) {
    this.relayed = createServer(async (request, response) => {
      const body = [];
      for await (const piece of request) body.push(piece);
      const answer = await fetch(`http://127.0.0.1:${port}/webhooks/tg`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET },
        body: Buffer.concat(body),
      });
      response.writeHead(answer.status).end();
    });
    await new Promise((resolve) => { this.relayed.listen(0, '127.0.0.1', resolve); });
    this.server.setWebhook({ url: `http://127.0.0.1:${this.relayed.address().port}/` }, TOKEN);
  }

  say(text) {
    return this.client.sendMessage(this.client.makeMessage(text));
  }

  click(button, message) {
    return this.client.sendCallback(this.client.makeCallbackQuery(button.callback_data, {
      message: { message_id: message.messageId },
    }));
  }

  /** The bot's messages as they are now. */
  shown() {
    return this.server.storage.botMessages;
  }

  async sees(part, timeoutMs = 60000) {
    return until(`a message with "${part}" is shown`,
      () => this.shown().find((entry) => entry.message.text.includes(part)), timeoutMs);
  }

  async close() {
    await this.program?.stop('SIGTERM');
    this.relayed?.close();
    this.relayed?.closeAllConnections();
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const buttonsOf = (entry) => (entry.message.reply_markup?.inline_keyboard ?? []).flat();

for (const transport of ['polling', 'webhook']) {
  describe(`telegram-test-api, by ${transport}`, { skip }, () => {
    test('a question is answered, work is asked for, ordered by a button and done', async (t) => {
      const chat = await Chat.open(transport);
      t.after(() => chat.close());
      await chat.say('what time is it in Tokyo?');
      const answer = await chat.sees('Tokyo');
      assert.equal(String(answer.message.chat_id), '77');
      assert.equal(answer.message.parse_mode, 'HTML');

      await chat.say('Compare SQLite and PostgreSQL for a small web shop and write me a report');
      const question = await chat.sees('Shall I give it to the specialist?');
      const yes = buttonsOf(question).find((button) => button.text === 'Yes');
      assert.ok(yes, 'the question has no button Yes');
      await chat.click(yes, question);
      const done = await chat.sees('<b>Done', 90000);
      assert.match(done.message.text, /report/i);
      assert.equal(buttonsOf(question).length, 0, 'the question still has its buttons');
    });
  });
}
