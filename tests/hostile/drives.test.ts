import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lines, takeFewDigits, type Workplace, workplace } from '../cli/command.js';

/** A drive that lacks what the environment variable says, for whatever is loaded after this. */
const shim = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int lacks(const char *what) {
  const char *without = getenv("DRIVE_WITHOUT");
  return without && !strcmp(without, what);
}

static int control(const char *name, int fd, int command, void *argument) {
  if (lacks("locks") && (command == F_SETLK || command == F_SETLKW || command == F_GETLK)) {
    errno = ENOLCK;
    return -1;
  }
  int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
  return real(fd, command, argument);
}

int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return control("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return control("fcntl64", fd, command, argument);
}

int fsync(int fd) {
  struct stat status;
  if (lacks("folder sync") && !fstat(fd, &status) && S_ISDIR(status.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}

static void *map(const char *name, void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (lacks("shared memory") && fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE)) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, name);
  return real(at, length, protection, flags, fd, offset);
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  return map("mmap", at, length, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  return map("mmap64", at, length, protection, flags, fd, offset);
}
`;

const folder = mkdtempSync(join(tmpdir(), 'aedsl-drives-'));
const library = join(folder, 'shim.so');
writeFileSync(join(folder, 'shim.c'), shim);
const compiled =
  process.platform === 'linux' &&
  spawnSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'shim.c'), '-ldl']).status === 0;

let place: Workplace;
beforeAll(() => {
  place = workplace();
  takeFewDigits(place);
});
afterAll(() => {
  place.leave();
  rmSync(folder, { recursive: true, force: true });
});

const without = (what: string, ...args: readonly string[]) =>
  place.aedslWith({ LD_PRELOAD: library, DRIVE_WITHOUT: what }, ...args);

describe.skipIf(!compiled)('a drive (simulated with a C compiler, on Linux)', () => {
  test('that cannot sync folders keeps runs, sweeps, their weights and their checkpoints', () => {
    const run = without(
      'folder sync',
      'run',
      'experiments/first.ae',
      '--epochs',
      '2',
      '--checkpoint-every',
      '1epochs',
      '--json',
    );
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).not.toContain('no checkpoint could be written');
    const sweep = without('folder sync', 'sweep', 'experiments/first.ae', '--seeds', '2', '--epochs', '1', '--json');
    expect(lines(sweep.stdout).at(-1)).toMatchObject({ event: 'ended', status: 'complete' });
    const shown = lines(place.aedsl('show', 'r1', '--json').stdout);
    expect(JSON.stringify(shown)).toContain('safetensors');
  });

  test('without locks, or without shared memory, is named before anything is trained', () => {
    for (const [what, says] of [
      ['locks', 'the drive has no file locks'],
      ['shared memory', 'the drive cannot share memory'],
    ] as const) {
      for (const db of ['results.db', 'new.db']) {
        const run = without(what, 'run', 'experiments/first.ae', '--epochs', '1', '--db', db, '--json');
        expect([run.status, run.stderr]).toEqual([4, expect.stringContaining(says)]);
        expect(run.stderr).toContain('local disk');
        expect(run.stdout).not.toContain('"started"');
      }
    }
    const listed = without('locks', 'ls');
    expect([listed.status, listed.stderr]).toEqual([4, expect.stringContaining('the drive has no file locks')]);
  });
});
