// Bundles the pages: `npm run build` writes bot/web/assets, `node build.mjs FOLDER` another folder. The same sources and lock file
// give the same bytes, which tests/browser/pages.test.mjs checks.

import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL('../assets/', import.meta.url));

const bundles = {
  theme: 'src/shared/theme_start.ts',
  chat: 'src/chat/chat.ts',
  admin: 'src/console/main.tsx',
};
const styles = { chat: 'src/chat/chat.css', admin: 'src/console/admin.css' };

/** Result: the paths of all sources that went in. */
async function bundle(entryPoints, options) {
  const result = await build({
    absWorkingDir: here, entryPoints, outdir: folder, bundle: true, minify: true, charset: 'utf8', legalComments: 'none', metafile: true,
    target: ['chrome123', 'firefox121', 'safari17.5'], logLevel: 'warning', ...options,
  });
  return Object.keys(result.metafile.inputs);
}

/** The licences of what is bundled ask that their text goes along with every copy. */
async function notices(inputs) {
  const packages = inputs.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)).filter(Boolean);
  const texts = [...new Map(packages.map((match) => [match[1], match[0]]))].sort().map(async ([name, root]) => {
    const { version, license } = JSON.parse(await readFile(`${here}/${root}package.json`, 'utf8'));
    return `${name} ${version} (${license})\n\n${(await readFile(`${here}/${root}LICENSE`, 'utf8')).trim()}\n`;
  });
  return `Frontdesk's pages contain these packages.\n\n${(await Promise.all(texts)).join('\n----\n\n')}`;
}

await mkdir(folder, { recursive: true });
const inputs = [
  ...await bundle(bundles, { format: 'iife', jsx: 'automatic', jsxImportSource: 'preact' }),
  ...await bundle(styles, { external: ['/assets/*'] }),
];
await writeFile(`${folder}/notices.txt`, await notices(inputs));
