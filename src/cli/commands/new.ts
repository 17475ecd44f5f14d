import { isAbsolute, join, relative, resolve } from 'node:path';
import { ciNames, shownPath, startProject } from '../../api/project.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { choiceOption } from '../options.js';

/** Starts a project in a folder, and prints the next steps. */
export const command = defineCommand({
  about:
    'Begin a project: a first experiment that trains in seconds, a .gitignore, a package.json that pins aedsl, and settings for VS Code. Files that are there already stay as they are.',
  examples: ['aedsl new demo', 'aedsl new . --ci github'],
  usage: (command) =>
    command
      .argument('[folder]', 'a new or an existing folder', '.')
      .addOption(choiceOption('--ci <service>', 'also write a workflow that checks each push: github', ciNames)),
  run({ console }, [folder], { ci }) {
    const place = resolve(folder);
    const { files, toInstall, isInstalled, hasFirst, resultsFolder } = startProject(folder, ci ?? null);
    const width = Math.max(...files.map(({ path }) => path.length));
    const written = files.filter((file) => file.written);
    const kept = files.filter((file) => !file.written);
    if (written.length > 0) console.out(`wrote in ${shownPath(place)}:\n`);
    for (const { path, about } of written) console.out(`  ${path.padEnd(width)}  ${about}\n`);
    if (kept.length > 0) console.out('was there, and is as it was:\n');
    for (const { path, lacks } of kept) {
      console.out(`  ${lacks === null ? path : `${path.padEnd(width)}  lacks ${lacks}`}\n`);
    }

    const install = toInstall === null ? 'npm install' : `npm install --save-exact ${quoted(toInstall)}`;
    const next = [
      ...(place === process.cwd() ? [] : [`cd ${quoted(folderTyped(place))}`]),
      ...(isInstalled && toInstall === null ? [] : [install]),
      ...(hasFirst
        ? ['npx aedsl run first.ae', "npx aedsl sweep first.ae 'hidden=[8,16,32]' --seeds 3"]
        : ['npx aedsl check .', 'npx aedsl examples']),
    ];
    console.out(`\nnext:\n${next.map((command) => `  ${command}\n`).join('')}`);
    if (resolve(resultsFolder) !== place) {
      console.err(`note: results go to ${shownPath(join(resultsFolder, 'results.db'))}, of the project around it\n`);
    }
    return exitCodes.ok;
  },
});

function folderTyped(place: string): string {
  const below = relative(process.cwd(), place);
  return isAbsolute(below) ? place : below;
}

/** Quotes a path as one shell word, if needed. */
function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
