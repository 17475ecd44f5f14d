// Installs what the benchmark compares with into .aedsl/peers: PyTorch in a virtual environment, packages of npm. What
// cannot be installed is a reason, and its measurements are skipped with it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { peersFolder, projectFolder } from './places.mjs';

const torch = ['torch==2.15.0', 'torchvision==0.29.2', 'numpy'];
const optuna = ['optuna==5.0.0', 'cmaes==0.13.1'];
const packages = { '@tensorflow/tfjs-backend-wasm': '4.22.0', 'onnxruntime-node': '1.30.0' };
const folder = fileURLToPath(peersFolder);
export const python = `${folder}python/bin/python`;
export const searchPython = `${folder}search/bin/python`;

/**
 * Installs what is missing. Each peer is null where it is there, else the reason why not.
 * @param wanted whether the peers of the engine and those of searches are measured
 */
export function setUp(log, { engines, searches }) {
  mkdirSync(folder, { recursive: true });
  return {
    ...whatIsThere(),
    ...(engines ? setUpEngines(log) : {}),
    ...(searches ? { optuna: setUpOptuna(log) } : {}),
  };
}

function setUpEngines(log) {
  return { pytorch: setUpPytorch(log), ...setUpPackages(log), tensorflow: tensorflowMissing() };
}

/** The same, without installing anything. */
export function whatIsThere() {
  const absent = 'it is not installed, and nothing was to be';
  const found = (name) => (existsSync(`${folder}node_modules/${name}/package.json`) ? null : absent);
  const [wasm, onnxruntime] = Object.keys(packages).map(found);
  const optuna = optunaWorks() ? null : absent;
  return { pytorch: pytorchWorks() ? null : absent, optuna, wasm, onnxruntime, tensorflow: tensorflowMissing() };
}

function optunaWorks() {
  return spawnSync(searchPython, ['-c', 'import optuna, cmaes']).status === 0;
}

function setUpOptuna(log) {
  if (optunaWorks()) return null;
  const made = command('python3', ['-m', 'venv', `${folder}search`], log);
  if (made !== null) return made;
  const installed = command(searchPython, ['-m', 'pip', 'install', '--quiet', ...optuna], log);
  return installed ?? (optunaWorks() ? null : 'it does not load');
}

function pytorchWorks() {
  return spawnSync(python, ['-c', 'import torch, torchvision, numpy']).status === 0;
}

function setUpPytorch(log) {
  if (pytorchWorks()) return null;
  const made = command('python3', ['-m', 'venv', `${folder}python`], log);
  if (made !== null) return made;
  log('installing PyTorch: half a gigabyte to download on machines where PyPI has it for processors alone, else three');
  return (
    command(python, ['-m', 'pip', 'install', '--quiet', ...torch], log) ?? (pytorchWorks() ? null : 'it does not load')
  );
}

/** TF.js's wasm backend must share the project's copy of tfjs-core, so npm installs no peers here. */
function setUpPackages(log) {
  const names = Object.keys(packages);
  const missing = () => names.filter((name) => !existsSync(`${folder}node_modules/${name}/package.json`));
  let reason = null;
  if (missing().length > 0) {
    writeFileSync(`${folder}package.json`, `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`);
    reason = command('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'], log, {
      // Half a gigabyte that a processor has no use for.
      ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip',
    });
  }
  const [wasm, onnxruntime] = names.map((name) => (missing().includes(name) ? (reason ?? 'it is not there') : null));
  return { wasm, onnxruntime };
}

function tensorflowMissing() {
  try {
    createRequire(new URL('package.json', projectFolder)).resolve('@tensorflow/tfjs-node');
    return null;
  } catch {
    return '@tensorflow/tfjs-node is not installed (tools/install-tfjs-node)';
  }
}

/** Why a command failed; null when it did not. */
function command(name, args, log, env = {}) {
  log(`${name} ${args.join(' ')}`);
  const { status, stderr, error } = spawnSync(name, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status === 0) return null;
  const lines = (stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  return `${name}: ${error?.message ?? lines.at(-1) ?? `exit ${status}`}`;
}
