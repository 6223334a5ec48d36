// A scripted server of the Anthropic Messages API (streaming), for the secretary and for the real Claude Code alike.

import { createServer } from 'node:http';

export const say = (text) => ({ text });
export const use = (name, input) => ({ tool: { name, input } });

/**
 * `secretary` and `specialist` map a word in the user's text to turns; the first word that fits wins. A turn may be a
 * function of what the model was sent. `requests` is all of that so far, `notOffered` the tools that a turn called though
 * the program did not offer them in that request.
 */
export class ModelServer {
  secretary = {};
  specialist = {};
  requests = [];
  notOffered = [];

  static async start(port = 0) {
    const model = new ModelServer();
    model.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => model.#answer(request, body, response));
    });
    await new Promise((resolve) => model.server.listen(port, '127.0.0.1', resolve));
    model.url = `http://127.0.0.1:${model.server.address().port}`;
    return model;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  #answer(request, body, response) {
    if (request.method !== 'POST' || !request.url.startsWith('/v1/messages')) {
      response.writeHead(request.method === 'HEAD' ? 200 : 404).end();
      return;
    }
    const asked = JSON.parse(body);
    const { messages, tools = [] } = asked;
    this.requests.push(asked);
    const rules = tools.some((tool) => tool.name === 'project_status') ? this.secretary : this.specialist;
    const next = tools.length === 0 ? say('It went as you said.') : turnFor(rules, messages);
    const turn = typeof next === 'function' ? called(next, asked) : next;
    if (turn.tool && !tools.some((tool) => tool.name === turn.tool.name)) this.notOffered.push(turn.tool.name);
    response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
    const send = (event) => response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    const usage = { input_tokens: 10, output_tokens: 5 };
    send({ type: 'message_start', message: { id: `msg_${Math.random()}`, type: 'message', role: 'assistant', model: 'scripted', content: [], usage } });
    const start = turn.tool ? { type: 'tool_use', id: `toolu_${Math.random()}`.replace('.', ''), name: turn.tool.name, input: {} } : { type: 'text', text: '' };
    const delta = turn.tool ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.tool.input) } : { type: 'text_delta', text: turn.text };
    send({ type: 'content_block_start', index: 0, content_block: start });
    send({ type: 'content_block_delta', index: 0, delta });
    send({ type: 'content_block_stop', index: 0 });
    send({ type: 'message_delta', delta: { stop_reason: turn.tool ? 'tool_use' : 'end_turn' }, usage });
    send({ type: 'message_stop' });
    response.end();
  }
}

/** How many turns of the model stand behind the last text of the user says which turn comes now. */
function turnFor(rules, messages) {
  let text = '';
  let behind = 0;
  for (const message of messages) {
    const blocks = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
    if (message.role === 'assistant') behind += 1;
    else if (message.role === 'user' && !blocks.some((block) => block.type === 'tool_result')) {
      // Beside the person's words stands what the program tells of earlier calls.
      text = blocks.map((block) => block.text ?? '')
        .filter((part) => !part.startsWith('(From the program, not from a person. What tools')).join('\n');
      behind = 0;
    }
  }
  const word = Object.keys(rules).find((key) => text.includes(key));
  return rules[word]?.[behind] ?? say('Nothing to do.');
}

/** What is not as a turn expects it is said in the chat, where the test sees it. */
function called(turn, asked) {
  try {
    return turn(asked);
  } catch (error) {
    return say(`The scripted turn failed: ${error.message}; the last messages are ${JSON.stringify(asked.messages.slice(-2))}`);
  }
}
