// The built files of the pages are those that the sources give, and small enough.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = join(root, 'bot/web/pages');
const assets = join(root, 'bot/web/assets');
const kMostBytes = 150_000;

/** test.sh installs by `npm ci` into the first; who works on the pages has the second. */
function nodeModules() {
  return [join(root, 'build/npm/pages/node_modules'), join(pages, 'node_modules')].find((folder) => {
    try {
      accessSync(join(folder, 'esbuild'));
      return true;
    } catch {
      return false;
    }
  });
}

describe('the built pages', { skip: nodeModules() ? false : 'the packages of bot/web/pages are not installed' }, () => {
  let folder;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pages-'));
    cpSync(pages, join(folder, 'pages'), { recursive: true, filter: (source) => !source.endsWith('node_modules') });
    symlinkSync(nodeModules(), join(folder, 'pages/node_modules'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('are what the sources give, byte for byte', () => {
    execFileSync(process.execPath, ['build.mjs', join(folder, 'assets')], { cwd: join(folder, 'pages'), stdio: 'inherit' });
    const built = readdirSync(join(folder, 'assets'));
    assert.ok(built.includes('chat.js') && built.includes('admin.js'));
    const stale = built.filter((name) => !readFileSync(join(folder, 'assets', name)).equals(readFileSync(join(assets, name))));
    assert.deepEqual(stale, [], 'run "npm ci && npm run build" in bot/web/pages');
  });

  test('have types that fit', () => {
    execFileSync(join(folder, 'pages/node_modules/.bin/tsc'), ['--noEmit'], { cwd: join(folder, 'pages'), stdio: 'inherit' });
  });

  test('are below 150 kB, compressed, all together', () => {
    const sizes = readdirSync(assets).map((name) => [name, gzipSync(readFileSync(join(assets, name)), { level: 9 }).length]);
    const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
    console.log(`compressed: ${sum} bytes (${sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', ')})`);
    assert.ok(sum < kMostBytes, `${sum} bytes`);
  });
});
