#!/usr/bin/env node
import process from 'node:process';

const args = process.argv.slice(2);
// Before the rest is loaded, as its modules are bundled: so that stack traces name them and their lines.
if (args.includes('--debug')) process.setSourceMapsEnabled(true);

const { main } = await import('./program.js');
process.exitCode = await main(args);
