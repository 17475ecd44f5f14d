import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, type Workplace, workplace } from '../cli/command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace('one');
  const trained = place.aedsl('run', 'experiments/first.ae', '--max-steps', '3');
  expect(trained.stderr).not.toContain('aedsl:');
  expect(trained.status).toBe(0);
}, 60_000);
afterAll(() => place.leave());

const inPlace = (name: string) => join(place.folder, name);

it('no output replaces results or an experiment, whatever name it is given', { timeout: 120_000 }, () => {
  symlinkSync('results.db', inPlace('codes.npy'));
  const logs = /-(wal|shm)$/;
  const lists = () =>
    readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).filter((name) => !logs.test(name));
  const [before, content] = [lists(), readFileSync(inPlace('results.db'))];
  for (const command of [
    ['bundle', 'r1', '-o', 'results.db'],
    ['export', 'r1', '--as', 'csv', '-o', join(place.folder, 'results.db-wal')],
    ['export', 'r1', '--as', 'safetensors', '-o', 'results.db.lock'],
    ['export', 'r1', '--as', 'pytorch', '-o', 'results.db.objects/pytorch'],
    ['export', 'r1', '--as', 'onnx', '-o', 'experiments/first.ae'],
    ['export', 'r1', '--as', 'mlflow', '-o', 'results.db.objects'],
    ['apply', 'r1', '-o', 'codes.npy'],
    ['run', 'experiments/first.ae', '--max-steps', '1', '--out', 'results.db.checkpoints'],
    ['bundle', 'r1', '-o', 'experiments/first.ae'],
  ]) {
    const { status, stderr } = place.aedsl(...command);
    expect([command, status, stderr]).toEqual([
      command,
      2,
      expect.stringMatching(/^aedsl: '.*' (is a results database|belongs to the results in|is an experiment)/),
    ]);
  }
  expect(lists()).toEqual(before);
  expect(readFileSync(inPlace('results.db'))).toEqual(content);
  rmSync(inPlace('codes.npy'));
  // An empty file is nobody's.
  writeFileSync(inPlace('empty.npy'), '');
  expect(place.aedsl('apply', 'r1', '-o', 'empty.npy').status).toBe(0);
});

describe('a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'aedsl-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]).status === 0;
  afterAll(() => {
    if (mounted) execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  const outputs: readonly (readonly [string, string, readonly string[]])[] = [
    ['export --as csv', 'rows.csv', ['export', 'r1', '--as', 'csv', '--rows', 'steps', '-o']],
    ['export --as json', 'rows.json', ['export', 'r1', '--as', 'json', '--rows', 'steps', '-o']],
    ['export --as parquet', 'rows.parquet', ['export', 'r1', '--as', 'parquet', '-o']],
    ['export --as safetensors', 'w.safetensors', ['export', 'r1', '--as', 'safetensors', '-o']],
    ['bundle', 'run.tgz', ['bundle', 'r1', '-o']],
    ['apply', 'codes.npy', ['apply', 'r1', '--data', 'digits', '--to']],
  ];

  it.skipIf(!mounted)('leaves every output as it was, and the command says so', { timeout: 120_000 }, () => {
    for (const [what, name, args] of outputs) {
      const path = join(disk, name);
      writeFileSync(path, 'old');
      // All but a few bytes.
      fill(join(disk, 'rest'));
      const { status, stderr } = place.aedsl(...args, path);
      expect(stderr, what).toContain(`cannot write '${path}': the disk is full`);
      expect(stderr, what).not.toContain('defect');
      expect(status, what).toBe(4);
      expect(readFileSync(path, 'utf8'), what).toBe('old');
      rmSync(join(disk, 'rest'));
      expect(readdirSync(disk), what).toEqual([name]);
      rmSync(path);
    }
    const folder = join(disk, 'pytorch');
    mkdirSync(folder);
    writeFileSync(join(folder, 'model.py'), 'old');
    const { status, stderr } = place.aedsl('export', 'r1', '--as', 'pytorch', '-o', folder);
    expect(stderr).toContain(`cannot write '${folder}': the disk is full`);
    expect(status).toBe(4);
    expect(readdirSync(folder)).toEqual(['model.py']);
    expect(readFileSync(join(folder, 'model.py'), 'utf8')).toBe('old');
  });

  it('is an error for a device, too', () => {
    const { status, stderr } = place.aedsl('export', 'r1', '--as', 'csv', '-o', '/dev/full');
    expect(stderr).toContain("cannot write '/dev/full': the disk is full");
    expect(status).toBe(4);
  });

  function fill(path: string): void {
    for (const size of [4096, 4096, 4096, 4096, 4096, 4096]) {
      try {
        writeFileSync(path, new Uint8Array(size), { flag: 'a' });
      } catch {
        return;
      }
    }
  }
});

describe('an output', () => {
  it('can be standard output', () => {
    const command = `"${process.execPath}" "${program}" export r1 --as csv -o /dev/stdout`;
    writeFileSync(inPlace('rows.csv'), 'before\n');
    const shell = `${command} | cat && ${command} >>rows.csv`;
    const { stdout } = spawnSync('sh', ['-c', shell], { cwd: place.folder, encoding: 'utf8' });
    expect(stdout).toMatch(/^run,stage,epoch,metric,value,.*\nr1,train,1,/);
    expect(readFileSync(inPlace('rows.csv'), 'utf8')).toBe(`before\n${stdout}`);
  });

  it('in a folder that is not there is an error that names it', () => {
    const { status, stderr } = place.aedsl('bundle', 'r1', '-o', 'none/run.tgz');
    expect(stderr).toContain("cannot write 'none/run.tgz': no such file or folder");
    expect(status).toBe(4);
  });
});

describe('fmt', () => {
  const messy = 'experiment   a { }\n';
  const tidy = 'experiment a {}\n';

  it('keeps links, permissions and other names', () => {
    writeFileSync(inPlace('real.ae'), messy);
    chmodSync(inPlace('real.ae'), 0o640);
    symlinkSync('real.ae', inPlace('link.ae'));
    expect(place.aedsl('fmt', 'link.ae').status).toBe(0);
    expect(lstatSync(inPlace('link.ae')).isSymbolicLink()).toBe(true);
    expect(readFileSync(inPlace('real.ae'), 'utf8')).toBe(tidy);
    expect(statSync(inPlace('real.ae')).mode & 0o777).toBe(0o640);
    linkSync(inPlace('real.ae'), inPlace('twin.ae'));
    expect(place.aedsl('fmt', 'real.ae').status).toBe(0);
    expect(statSync(inPlace('twin.ae')).ino).toBe(statSync(inPlace('real.ae')).ino);
  });

  const latin1 = Buffer.from('// \u00e9t\u00e9\nexperiment   a { }\n', 'latin1');

  it.each([
    ['another encoding', latin1, 'line 1, column 4 has the byte 0xE9 (byte 4 of the file)'],
    [
      'a character that is cut off',
      Buffer.concat([Buffer.from(`${messy}//`), Buffer.of(0xf0, 0x9f)]),
      'line 2, column 3',
    ],
    ['a place on a later line', Buffer.concat([Buffer.from('//é\r// x'), Buffer.of(0xff)]), 'line 2, column 5'],
    ['UTF-16', Buffer.from(`\ufeff${messy}`, 'utf16le'), 'it is UTF-16'],
  ])('refuses %s, as every command does', (_what, bytes, message) => {
    writeFileSync(inPlace('other.ae'), bytes);
    for (const args of [
      ['fmt', 'other.ae'],
      ['fmt', '--check', 'other.ae'],
      ['check', 'other.ae'],
    ]) {
      const { status, stderr } = place.aedsl(...args);
      expect(stderr).toContain(message);
      expect(status).toBe(4);
    }
    expect(readFileSync(inPlace('other.ae')).equals(bytes)).toBe(true);
    const piped = spawnSync(process.execPath, [program, 'fmt', '-'], { input: bytes, encoding: 'utf8' });
    expect(piped.stderr).toContain(message);
    expect(piped.stdout).toBe('');
    expect(piped.status).toBe(4);
  });

  it('formats standard input, however slowly it comes, up to the limit of a file', () => {
    const script = `(sleep 0.5; printf 'experiment  a {}') | '${process.execPath}' '${program}' fmt -`;
    const slow = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect([slow.status, slow.stdout, slow.stderr]).toEqual([0, 'experiment a {}\n', '']);
    const input = Buffer.alloc(17 * 2 ** 20, ' ');
    const long = spawnSync(process.execPath, [program, 'fmt', '-'], { input, encoding: 'utf8' });
    expect([long.status, long.stdout]).toEqual([4, '']);
    expect(long.stderr).toBe('aedsl: cannot read standard input: it is longer than the limit of 16 MiB\n');
  });

  it('says in one way that the current folder is gone', () => {
    const commands = ['check a.ae', 'fmt a.ae', 'compile a.ae', 'ls', 'run a.ae'];
    const run = commands.map((command) => `'${process.execPath}' '${program}' ${command}; echo $? >&2`).join('; ');
    const script = `mkdir gone && cd gone && rmdir ../gone && { ${run}; }`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: place.folder, encoding: 'utf8' });
    const said = 'aedsl: the current folder is gone\n  change to a folder that exists\n4\n';
    expect([stdout, stderr]).toEqual(['', said.repeat(commands.length)]);
  });

  it('refuses what is extended, if that is no text', () => {
    writeFileSync(inPlace('other.ae'), latin1);
    writeFileSync(inPlace('child.ae'), 'experiment b extends "other.ae" {}\n');
    const { status, stdout } = place.aedsl('check', 'child.ae');
    expect(stdout).toContain('it is not UTF-8');
    expect(status).toBe(3);
  });

  it('refuses a pipe and a device at once', () => {
    execFileSync('mkfifo', [inPlace('pipe.ae')]);
    symlinkSync('/dev/zero', inPlace('zero.ae'));
    for (const [command, file, exitCode, problem] of [
      ['fmt', 'pipe.ae', 4, "cannot read 'pipe.ae': it is a pipe"],
      ['check', 'pipe.ae', 4, "cannot read 'pipe.ae': it is a pipe"],
      ['fmt', 'zero.ae', 2, "'zero.ae' is a link to /dev/zero, which is outside the project"],
      ['check', 'zero.ae', 2, "'zero.ae' is a link to /dev/zero, which is outside the project"],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [program, command, file], {
        cwd: place.folder,
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect(stderr).toContain(problem);
      expect(status).toBe(exitCode);
    }
  });

  it('refuses weights to begin from that are a pipe, or endless', () => {
    execFileSync('mkfifo', [inPlace('pipe.safetensors')]);
    for (const [file, problem] of [
      ['pipe.safetensors', 'it is a pipe'],
      ['/dev/zero', 'it is a device or socket'],
    ] as const) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [program, 'run', 'experiments/first.ae', '--no-store', '--init', file],
        { cwd: place.folder, encoding: 'utf8', timeout: 20_000 },
      );
      expect(stderr).toContain(`cannot start from '${file}': ${problem}`);
      expect(status).toBe(2);
    }
  });

  it('keeps a comment where it is, whatever ends the lines', () => {
    copyFileSync(inPlace('experiments/sparse.ae'), inPlace('old.ae'));
    const unix = readFileSync(inPlace('old.ae'), 'utf8');
    writeFileSync(inPlace('old.ae'), unix.replaceAll('\n', '\r'));
    expect(place.aedsl('fmt', 'old.ae').status).toBe(0);
    expect(readFileSync(inPlace('old.ae'), 'utf8')).toBe(unix);
  });
});
