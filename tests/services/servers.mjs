// Starts real servers for a calendar and for mail on 127.0.0.1, with the accounts of Ann and Bob: Radicale, Dovecot
// (IMAP) and aiosmtpd. FRONTDESK_SERVICES is the folder into which test.sh unpacked Debian's packages of them.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../browser/browser.mjs';

export const ANN = 'ann@example.org';
export const BOB = 'bob@example.org';
export const PASSWORD = 'password-of-the-mailbox-4711';

const services = process.env.FRONTDESK_SERVICES ?? '';
const here = path.dirname(fileURLToPath(import.meta.url));
const python = '/usr/bin/python3';
const pythonPath = path.join(services, 'usr/lib/python3/dist-packages');

/** Why they cannot be started; false where they can. */
export function missingServers() {
  if (!services) return 'FRONTDESK_SERVICES must name the folder of the unpacked servers (see docs/developing.md)';
  const version = spawnSync(binary('sbin/dovecot'), ['--version'], { env: libraries(), encoding: 'utf8' });
  // Its successor reads another kind of configuration.
  return version.stdout?.startsWith('2.3') ? false : `Dovecot 2.3 is needed, there is ${version.stdout ?? 'none'}`;
}

function binary(name) {
  const unpacked = path.join(services, 'usr', name);
  return existsSync(unpacked) ? unpacked : path.join('/usr', name);
}

function libraries() {
  const folders = readdirSync(path.join(services, 'usr/lib'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (entry.name.includes('-linux-') || entry.name === 'dovecot'))
    .map((entry) => path.join(services, 'usr/lib', entry.name));
  return { ...process.env, LD_LIBRARY_PATH: folders.join(':') };
}

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

class Running {
  constructor(command, args, env) {
    this.output = '';
    this.child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => { this.output += chunk; });
    this.child.on('error', (error) => { this.output += error.message; });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); this.child.on('error', resolve); });
  }

  stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

export class Servers {
  #running = [];

  /** Starts all of them in that folder. */
  static async start(folder) {
    const servers = new Servers();
    servers.folder = path.join(folder, 'servers');
    mkdirSync(servers.mail(), { recursive: true });
    try {
      await Promise.all([servers.#calendar(), servers.#imap(), servers.#smtp()]);
    } catch (error) {
      await servers.stop();
      throw error;
    }
    return servers;
  }

  async stop() {
    await Promise.all(this.#running.map((server) => server.stop()));
  }

  mail(...parts) {
    return path.join(this.folder, 'mail', ...parts);
  }

  /** The texts of the mails in a folder of somebody, such as 'Sent'; without it in their inbox. */
  mails(who, folder) {
    return ['new', 'cur'].flatMap((state) => {
      const at = this.mail(who, folder ? `.${folder}` : '', state);
      return existsSync(at) ? readdirSync(at).map((name) => readFileSync(path.join(at, name), 'utf8')) : [];
    });
  }

  /** Puts a mail into somebody's inbox. */
  deliver(who, { from, subject, text, date = 'Thu, 26 Nov 2026 09:00:00 +0100' }) {
    for (const state of ['new', 'cur', 'tmp']) mkdirSync(this.mail(who, state), { recursive: true });
    const id = `${this.mails(who).length + 1}.${Date.now()}`;
    writeFileSync(this.mail(who, 'new', id), `From: ${from}\r\nTo: ${who}\r\nSubject: ${subject}\r\nDate: ${date}\r\n`
      + `Message-ID: <${id}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`);
  }

  /** What the calendar holds, as the text of each event's file. */
  events() {
    const at = path.join(this.folder, 'calendar/collection-root/ann/work');
    return readdirSync(at).filter((name) => name.endsWith('.ics')).map((name) => readFileSync(path.join(at, name), 'utf8'));
  }

  /** Puts an event into the calendar; the lines between BEGIN and END:VEVENT. */
  async put(uid, lines) {
    const event = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//tests//EN', 'BEGIN:VEVENT', `UID:${uid}`,
      'DTSTAMP:20261101T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
    await this.#dav('PUT', `/ann/work/${uid}.ics`, event, 201);
  }

  async #dav(method, at, body, status) {
    const headers = { authorization: `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`, 'content-type': 'text/calendar' };
    const response = await fetch(`${this.calendarUrl}${at.slice(1)}`, { method, headers, body });
    if (response.status !== status) throw new Error(`${method} ${at} was answered with ${response.status}: ${await response.text()}`);
  }

  async #begin(command, args, env, port) {
    const server = new Running(command, args, env);
    this.#running.push(server);
    await until(`${path.basename(args[0])} listens`, async () => {
      if (server.child.exitCode !== null) throw new Error(`${command} ${args.join(' ')} ended: ${server.output}`);
      return port ? answers(port) : /^\d+\n/.test(server.output);
    }, 30000);
    return server;
  }

  async #calendar() {
    const port = await freePort();
    writeFileSync(path.join(this.folder, 'users'), `ann:${PASSWORD}\n`);
    writeFileSync(path.join(this.folder, 'radicale'), `
[server]
hosts = 127.0.0.1:${port}
[auth]
type = htpasswd
htpasswd_filename = ${this.folder}/users
htpasswd_encryption = plain
[storage]
filesystem_folder = ${this.folder}/calendar
[logging]
level = warning
`);
    const env = { ...process.env, PYTHONPATH: pythonPath, TZ: 'UTC' };
    await this.#begin(python, ['-m', 'radicale', '--config', path.join(this.folder, 'radicale')], env, port);
    this.calendarUrl = `http://127.0.0.1:${port}/`;
    await this.#dav('MKCALENDAR', '/ann/work/', `<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:"
      xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>Work</D:displayname></D:prop></D:set></C:mkcalendar>`, 201);
  }

  async #smtp() {
    const env = { ...process.env, PYTHONPATH: pythonPath };
    const server = await this.#begin(python, [path.join(here, 'smtp.py'), this.mail(), PASSWORD], env);
    this.smtpPort = Number(server.output);
  }

  async #imap() {
    this.imapPort = await freePort();
    writeFileSync(path.join(this.folder, 'accounts'), [ANN, BOB].map((who) => `${who}:{PLAIN}${PASSWORD}::::::\n`).join(''));
    const config = path.join(this.folder, 'dovecot');
    // It knows its own user by name, and no login process of it runs as root: in the namespace it is nobody.
    writeFileSync(config, `
base_dir = ${this.folder}/run
state_dir = ${this.folder}/state
log_path = ${this.folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 0
mail_location = maildir:${this.folder}/mail/%u
import_environment = TZ LD_LIBRARY_PATH
passdb {
  driver = passwd-file
  args = ${this.folder}/accounts
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=${this.folder}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${this.imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
}
`);
    const command = [binary('bin/doveconf'), '-c', config, '-f', 'service=master', '-m', 'master', '-p', '-e',
      binary('sbin/dovecot'), '-F', '-c', config];
    await this.#begin('bwrap', [...seenAsInstalled(), ...command], libraries(), this.imapPort);
  }
}

/** Dovecot looks for its parts in /usr/lib/dovecot; a namespace has the unpacked ones there. */
function seenAsInstalled() {
  const args = ['--unshare-user', '--uid', '65534', '--gid', '65534', '--die-with-parent'];
  const show = (at) => {
    args.push(...(lstatSync(at).isSymbolicLink() ? ['--symlink', readlinkSync(at), at] : ['--dev-bind', at, at]));
  };
  for (const name of readdirSync('/')) if (name !== 'usr') show(`/${name}`);
  for (const name of readdirSync('/usr')) if (name !== 'lib') show(`/usr/${name}`);
  for (const name of readdirSync('/usr/lib')) if (name !== 'dovecot') show(`/usr/lib/${name}`);
  const unpacked = path.join(services, 'usr/lib/dovecot');
  return [...args, '--dev-bind', existsSync(unpacked) ? unpacked : '/usr/lib/dovecot', '/usr/lib/dovecot'];
}
