// What others wrote of the code in dist/: packages are bundled there, so their licences have to be there as well.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const recordName = 'bundled-packages.json';
const fileName = 'THIRD-PARTY.txt';

/**
 * Notes the packages that a bundler's output has code of, for `writeThirdParty`.
 * @param root of the project
 * @param modules paths of files
 */
export function recordPackages(root, modules) {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return;
  const known = readRecord(root);
  for (const module of modules) {
    const folder = packageFolder(module);
    // Built as somebody's package, this one is in such a folder, too.
    if (folder !== null && folder !== root) known[folder] = [...new Set([...(known[folder] ?? []), module])];
  }
  writeFileSync(join(dist, recordName), JSON.stringify(known));
}

/** The files of which a bundle has code, rolldown's own helpers included. */
export function modulesOf(root, { output }) {
  const modules = output.flatMap(({ modules = {} }) => Object.keys(modules));
  const helpers = modules.some((id) => id.includes('rolldown/runtime'));
  return [
    ...modules.filter((id) => !id.startsWith('\0')),
    ...(helpers ? [join(root, 'node_modules', 'rolldown', 'package.json')] : []),
  ];
}

/**
 * Writes dist/THIRD-PARTY.txt: name, version, licence, its text, copyright and NOTICE of every package that was recorded.
 * @throws Error for a package without a licence text
 */
export function writeThirdParty(root) {
  const apache = readFileSync(join(root, 'LICENSE'), 'utf8');
  const packages = Object.entries(readRecord(root)).map(([folder, modules]) => describe(folder, modules, apache));
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const head = 'Parts of these packages are in the files of this folder.\n';
  const list = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})\n`).join('');
  writeFileSync(join(root, 'dist', fileName), `${head}\n${list}${packages.map(section).join('')}`);
  rmSync(join(root, 'dist', recordName));
}

function readRecord(root) {
  const path = join(root, 'dist', recordName);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/** The innermost folder of a package that a file is in; null for one of ours. */
function packageFolder(module) {
  const parts = module.split(sep);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return null;
  return parts.slice(0, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join(sep);
}

function describe(folder, modules, apache) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string' || license === '') throw new Error(complaint(name, version, 'states no licence'));
  const files = readdirSync(folder).sort();
  const contents = (pattern) =>
    files.filter((file) => pattern.test(file)).map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const texts = contents(/^(licen[cs]e|copying)([.-]\w+)*$/i);
  if (texts.length === 0) texts.push(...contents(/^readme(\.\w+)?$/i).flatMap(licenceSection));
  const copyright = copyrightNotices(modules);
  // The text of this licence is the same for everyone; whose work it is says the head of each file.
  if (texts.length === 0 && license === 'Apache-2.0' && copyright.length > 0) texts.push(apache.trim());
  if (texts.length === 0) throw new Error(complaint(name, version, `has no text of its licence (${license})`));
  return { name, version, license, copyright, texts, notices: contents(/^(notice|third-party-licen[cs]e)(\.\w+)?$/i) };
}

function complaint(name, version, problem) {
  return `${name} ${version} ${problem}, and its code is bundled: leave it out of the bundle, or ask its authors`;
}

/** The end of a README from a headline on that names the licence, if its text follows. */
function licenceSection(readme) {
  const [section] = /^[#\s]*licen[cs]e\b[^\n]*\n[\s\S]*/im.exec(readme) ?? [];
  return section !== undefined && /permission is hereby granted/i.test(section) ? [section.trim()] : [];
}

/** The comments at the head of files that say whose they are, each once. */
function copyrightNotices(modules) {
  const heads = modules.filter(existsSync).map((module) => {
    const [comments = ''] = /^(?:\s*(?:\/\*[\s\S]*?\*\/|\/\/.*))+/.exec(readFileSync(module, 'utf8')) ?? [];
    return comments.replaceAll(/^[ \t]*(?:\/\*+!?|\*+\/|\*|\/\/)[ \t]?|[ \t]*\*\/$/gm, '').trim();
  });
  return [...new Set(heads.filter((head) => /copyright|\(c\) \d{4}/i.test(head)))].sort();
}

function section({ name, version, license, copyright, texts, notices }) {
  const parts = [...copyright, ...texts, ...notices];
  return `\n${'='.repeat(80)}\n${name} ${version}\nLicence: ${license}\n\n${parts.join('\n\n')}\n`;
}
