// Starts the real program. FRONTDESK_BIN is the program, FRONTDESK_CLAUDE the Claude Code CLI.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { until } from './browser.mjs';

export const { FRONTDESK_BIN: program, FRONTDESK_CLAUDE: claude } = process.env;
export const missing = program && claude ? false : 'FRONTDESK_BIN and FRONTDESK_CLAUDE must name the program and the Claude Code CLI';

/** `frontdesk ARGUMENTS` with HOME = folder. It is running when the promise `address()` is settled. */
export class Program {
  constructor(folder, args, environment = {}) {
    const env = { ...process.env, HOME: folder, ...environment };
    // A key or a configuration of the person who runs the tests must not change what is tested.
    for (const name of Object.keys(env)) {
      if (/^(ANTHROPIC|CLAUDE|OPENAI)/.test(name) || ['FRONTDESK_CONFIG', 'XDG_CONFIG_HOME'].includes(name)) delete env[name];
    }
    this.log = '';
    this.child = spawn(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (chunk) => { this.log += chunk; });
    this.child.stderr.on('data', (chunk) => { this.log += chunk; });
    this.child.on('error', (error) => { this.log += `could not be started: ${error.message}\n`; });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal }));
      this.child.on('error', () => resolve({ code: null, signal: null }));
    });
  }

  /** The address of the chat page that it prints, with its token where no password is set. */
  address(timeoutMs = 60000) {
    return until('the program printed its address', () => {
      assert.equal(this.child.exitCode, null, `The program ended with ${this.child.exitCode}:\n${this.log}`);
      return /chat page: (http:\/\/127\.0\.0\.1:\d+\/\S*)\n/.exec(this.log)?.[1];
    }, timeoutMs);
  }

  async stop(signal = 'SIGKILL') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }
}
