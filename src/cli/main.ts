#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { processConsole } from './console.js';
import { report } from './failure.js';
import { ignoreHangUpsOfOthers } from './interruption.js';
import { endWithParent, needsRestart, restarted } from './restart.js';

const args = process.argv.slice(2);
const debug = args.includes('--debug');
// Before the bundled modules load, so that stack traces name the source files.
if (debug) process.setSourceMapsEnabled(true);

// Compiled code is kept beside the program, which takes a sixth off the start of a command; Node has this from 22.1 on.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function')
  module.enableCompileCache(fileURLToPath(new URL('../../compiled', import.meta.url)));

const console = processConsole();
ignoreHangUpsOfOthers();

// After an uncaught error, nothing still running can be trusted.
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
