// Bundles Chevrotain to one module of dist/ and makes what imports it import that: Chevrotain and lodash-es are some 700
// files, whose loading would be a third of the time from the start of a command to its first step.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { modulesOf, recordPackages } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const file = join(dist, 'grammar', 'chevrotain.generated.mjs');
const statement = "from 'chevrotain';";

const bundle = await rolldown({
  input: join(root, 'node_modules', 'chevrotain', 'lib', 'src', 'api.js'),
  platform: 'node',
  logLevel: 'silent',
});
const written = await bundle.write({ file, format: 'esm', minify: true });
recordPackages(root, modulesOf(root, written));

for (const name of readdirSync(dist, { recursive: true })) {
  if (!name.endsWith('.js')) continue;
  const importer = join(dist, name);
  const text = readFileSync(importer, 'utf8');
  if (!text.includes(statement)) continue;
  const path = relative(dirname(importer), file).split(sep).join('/');
  writeFileSync(importer, text.replaceAll(statement, `from '${path.startsWith('.') ? path : `./${path}`}';`));
}
