// The long crash test: kills a sweep 200 times at random instants. `node tests/crash/run.mjs [kills] [seed]`, after a build.
import { register } from 'node:module';

register('../runtime/store/typescript-loader.mjs', import.meta.url);
await import('./long.ts');
