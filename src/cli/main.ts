#!/usr/bin/env node
import process from 'node:process';
import { processConsole } from './console.js';
import { report } from './failure.js';
import { ignoreHangUpsOfOthers } from './interruption.js';
import { endWithParent, needsRestart, restarted } from './restart.js';

const args = process.argv.slice(2);
const debug = args.includes('--debug');
// Before the rest is loaded, as its modules are bundled: so that stack traces name them and their lines.
if (debug) process.setSourceMapsEnabled(true);

const console = processConsole();
ignoreHangUpsOfOthers();

// What else is under way after an error that nobody caught can't be trusted any more.
process.on('uncaughtException', (error) => {
  const exitCode = report(error, console, debug);
  void console.flushed().then(() => process.exit(exitCode));
});
if (needsRestart()) process.exitCode = await restarted();
else {
  endWithParent();
  const { main } = await import('./program.js');
  process.exitCode = await main(args, console);
}
