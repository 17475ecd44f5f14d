// Bundles the gradients of @tensorflow/tfjs-core to one module. The file that Node loads for that package registers none,
// and the modules beside it cannot be imported one by one (their imports have no file extensions).
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { modulesOf, recordPackages } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join('src', 'runtime', 'backend', 'simd');
const file = 'gradients.generated.mjs';

const bundle = await rolldown({
  input: join(root, 'node_modules', '@tensorflow', 'tfjs-core', 'dist', 'register_all_gradients.js'),
  platform: 'node',
  logLevel: 'silent',
});
// The bundle's copy of the engine finds the one that is there already, so both share tensors, kernels and gradients.
const written = await bundle.write({ file: join(root, folder, file), format: 'esm', minify: true });
recordPackages(root, modulesOf(root, written));

if (existsSync(join(root, 'dist'))) {
  mkdirSync(join(root, 'dist', folder), { recursive: true });
  copyFileSync(join(root, folder, file), join(root, 'dist', folder, file));
}
