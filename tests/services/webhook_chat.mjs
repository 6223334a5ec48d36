// A chat by the generic platform: what a person says and presses, and what the program shows, with its edits.

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { until } from '../browser/browser.mjs';

const KEY = Buffer.from('a secret of the tests, long enough');
export const SECRET = `whsec_${KEY.toString('base64')}`;

export class WebhookChat {
  /** Messages in their order: {id, text, actions, reply_to, edits}. */
  shown = [];
  #said = 0;

  static async open() {
    const chat = new WebhookChat();
    chat.server = createServer(async (request, response) => {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      chat.#take(request.headers['webhook-id'], JSON.parse(Buffer.concat(pieces)));
      response.writeHead(204).end();
    });
    await new Promise((resolve) => { chat.server.listen(0, '127.0.0.1', resolve); });
    chat.callbackUrl = `http://127.0.0.1:${chat.server.address().port}/`;
    return chat;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  #take(id, call) {
    if (call.type === 'message' && !this.shown.some((message) => message.id === id)) {
      this.shown.push({ id, edits: 0, ...call });
    } else if (call.type === 'edit') {
      const message = this.shown.find((one) => one.id === call.target);
      Object.assign(message, { text: call.text, actions: call.actions, edits: message.edits + 1 });
    }
  }

  async #send(more) {
    const message = { message_id: `m-${++this.#said}`, chat_id: 'c-1', user_id: 'u-1', user_name: 'Ann', ...more };
    const body = JSON.stringify(message);
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', KEY).update(`${message.message_id}.${at}.${body}`).digest('base64');
    const response = await fetch(this.webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': message.message_id, 'webhook-timestamp': `${at}`, 'webhook-signature': `v1,${signature}` },
      body,
    });
    if (!response.ok) throw new Error(`the message was refused: ${response.status} ${await response.text()}`);
    return message.message_id;
  }

  async #answerTo(id) {
    return until(`${id} is answered`, () => this.shown.find((message) => message.reply_to === id), 60000);
  }

  /** Result: the answer. */
  async says(text) {
    return this.#answerTo(await this.#send({ type: 'message', text }));
  }

  /** The message with the buttons of a call, once one is there that has `part`. */
  async asked(part) {
    return until(`"${part}" is asked about`, () => this.shown.find((message) => message.text.includes(part)
      && message.actions?.some((action) => action.kind === 'do')), 60000);
  }

  /** Result: the answer. */
  async presses(message, kind) {
    const action = message.actions.find((one) => one.kind === kind);
    if (!action) throw new Error(`There is no button "${kind}": ${JSON.stringify(message)}`);
    return this.#answerTo(await this.#send({ type: 'action', action_id: action.id }));
  }

  /** Result: the message as it is then. */
  async refuses(message) {
    const action = message.actions.find((one) => one.kind === 'no');
    await this.#send({ type: 'action', action_id: action.id });
    return until('the question is settled', () => message.edits > 0 && message, 60000);
  }
}
