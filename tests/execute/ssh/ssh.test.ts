import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { agreeToPlan, rememberHost } from '../../../src/cli/slurm-options.js';
import { noSlurmSettings } from '../../../src/execute/slurm/settings.js';
import { type HostPlace, SweepFolder } from '../../../src/execute/slurm/sweep-folder.js';
import { beginning, onHost } from '../../../src/execute/ssh/connection.js';
import { queueOnCores, tasksOnCores, trainOnCores } from '../../../src/execute/ssh/cores.js';
import { framed, pieceBelow, StreamReader, streamLine } from '../../../src/execute/ssh/frames.js';
import { jobData } from '../../../src/execute/ssh/job-data.js';
import { programBelow } from '../../../src/execute/ssh/program-files.js';
import { sshComplaint } from '../../../src/execute/ssh/ssh-error.js';
import { hostText, readSshHost } from '../../../src/execute/ssh/ssh-host.js';
import { readyHost, reportFromHost } from '../../../src/execute/ssh/sweep-host.js';
import { recordedConsole } from '../../cli/recorded-console.js';

const root = mkdtempSync(join(tmpdir(), "aedsl-ssh-it's-"));
const { PATH, XDG_CACHE_HOME: cache } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** An ssh that does what a script does. It says its arguments to `said`, one a line. */
function ssh(script: string) {
  const bin = join(root, `bin${++count}`);
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/bash\nprintf '%s\\n' "$@" > "${bin}/said"\n${script}\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  process.env.PATH = `${bin}:${PATH}`;
  return () => readFileSync(join(bin, 'said'), 'utf8').split('\n').slice(0, -1);
}

/** Runs what the host's login shell would. */
const thisMachine = 'exec sh -c "${@: -1}"';

test('a host is named as for ssh, and never an option', () => {
  const named = ['node7', 'ada@login.example.org', 'ada.b@h:2222', '[::1]:22', 'ada@[fe80::1%eth0]:22'];
  expect(named.map((text) => hostText(readSshHost(text)))).toEqual(named);
  expect(readSshHost('[::1]:22')).toEqual({ destination: '::1', port: 22 });
  for (const text of [
    '',
    '-oProxyCommand=x',
    '-l@h',
    'a b',
    'h;id',
    '$(id)',
    'h\nid',
    'a@-h',
    'h:0',
    'h:99999',
    '`id`@h',
    'h/../x',
  ]) {
    expect(() => readSshHost(text), text).toThrow('is not the name of a host');
  }
});

test.each([
  ['ssh: Could not resolve hostname nosuch: Name or service not known', 255, 'unknown_host'],
  ['Host key verification failed.', 255, 'host_key'],
  ['ada@h: Permission denied (publickey,password).', 255, 'refused'],
  ['ssh: connect to host h port 22: Connection refused', 255, 'unreachable'],
  ['client_loop: send disconnect: Broken pipe', 255, 'cut'],
  ['', null, 'cut'],
  ["mkdir: cannot create directory '/x': Permission denied", 77, 'not_writable'],
  ['tar: dist/a.js: Wrote only 512 of 1024 bytes\ntar: Error: No space left on device', 77, 'no_space'],
  ['Segmentation fault', 139, 'failed'],
])('%s', (text, code, reason) => {
  const { reason: found, message, hint } = sshComplaint('h', code, text);
  expect([found, message.includes('h'), hint !== '']).toEqual([reason, true, true]);
});

test('a script reaches the host as it is, whatever its login shell, and what comes before it is a banner', async () => {
  const said = ssh(`echo "Welcome, it's maintenance"; ${thisMachine}`);
  const parts: Uint8Array[] = [];
  const script = `x='it'\\''s "$HOME" !! \\\\'\necho ${beginning}\nprintf '%s|' "$x"\ncat`;
  await onHost(readSshHost('ada@h:22'), {
    script,
    input: [Buffer.from('after it'), Buffer.alloc(300_000, 'z')],
    take: (bytes) => void parts.push(bytes),
  });
  const output = Buffer.concat(parts).toString();
  expect(output.slice(0, 32)).toBe('it\'s "$HOME" !! \\\\|after itzzzzz'.slice(0, 32));
  expect(output).toHaveLength('it\'s "$HOME" !! \\\\|after it'.length + 300_000);
  expect(said().slice(-4)).toEqual(['22', '--', 'ada@h', said().at(-1)]);
  expect(said()).toContain('BatchMode=yes');
  ssh(`${thisMachine}`);
  await expect(onHost(readSshHost('h'), { script: 'echo no space left >&2; exit 3' })).rejects.toMatchObject({
    reason: 'no_space',
  });
  process.env.PATH = join(root, 'nowhere');
  await expect(onHost(readSshHost('h'), { script: '' })).rejects.toMatchObject({ reason: 'not_installed' });
});

test('files come through a stream that is cut anywhere, whole or up to a line', () => {
  const from = join(root, 'from');
  const content = 'one\ntwo\nthree';
  writeFileSync(from, content);
  const stream = Buffer.concat([
    ...framed(from, 'a/whole'),
    ...framed(from, 'a/spool', 4),
    streamLine({ type: 'end' }),
  ]);
  for (let at = 0; at < stream.length; at += 7) {
    const to = join(root, `to${++count}`);
    mkdirSync(join(to, 'a'), { recursive: true });
    writeFileSync(join(to, 'a/spool'), 'one\n');
    const lines: string[] = [];
    const sink = {
      line: (line: string) => void lines.push(line),
      file: (piece: Parameters<typeof pieceBelow>[1]) => pieceBelow(to, piece, piece.path === 'a/spool'),
    };
    const first = new StreamReader(sink);
    first.take(stream.subarray(0, at));
    first.close();
    const [whole, spool] = [join(to, 'a/whole'), readFileSync(join(to, 'a/spool'), 'utf8')];
    if (existsSync(whole)) expect(readFileSync(whole, 'utf8')).toBe(content);
    expect(existsSync(`${whole}.part`)).toBe(false);
    expect(content.startsWith(spool)).toBe(true);
    const second = new StreamReader(sink);
    for (const bytes of [...framed(from, 'a/whole'), ...framed(from, 'a/spool', spool.length)]) second.take(bytes);
    expect(readFileSync(join(to, 'a/spool'), 'utf8')).toBe(content);
    expect(() => pieceBelow(to, { path: 'a/spool', from: 3, bytes: 1 }, true)).toThrow('goes on elsewhere');
  }
});

test('neither a large file nor a line without an end fills the memory', () => {
  const mebibyte = 2 ** 20;
  const large = join(root, 'large');
  writeFileSync(large, Buffer.alloc(2.5 * mebibyte, 'z'));
  const [line, ...chunks] = [...framed(large, 'large')].map((chunk) => chunk.length);
  expect([line, chunks]).toEqual([expect.any(Number), [mebibyte, mebibyte, mebibyte / 2]]);
  const reader = new StreamReader({
    line: () => {},
    file: () => {
      throw new Error('no file comes');
    },
  });
  const part = Buffer.alloc(mebibyte, 'z');
  for (let taken = 0; taken < 64; taken++) reader.take(part);
  expect(() => reader.take(part)).toThrow('a line is too long');
});

const host: HostPlace = {
  destination: 'h',
  port: null,
  base: root,
  program: programBelow(root, 'a'.repeat(64)),
  scheduler: 'cores',
};

test('a file alone chooses neither what runs on a host nor the host', async () => {
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  try {
    const store = join(root, 'others.db');
    const folder = SweepFolder.of(store, 's1');
    const { console } = recordedConsole();
    for (const program of ['/far/main.js', `${root}/programs/../far/dist/src/cli/main.js`, `${host.program}/x.js`]) {
      folder.plan('s1', noSlurmSettings, { ...host, program });
      expect(() => folder.readPlan(), program).toThrow('aedsl did not bring there');
      rmSync(folder.path, { recursive: true });
    }
    folder.plan('s1', noSlurmSettings, host);
    const agreed = (options: Parameters<typeof agreeToPlan>[3] = {}) => agreeToPlan(console, store, 's1', options);
    const typed = { destination: 'h', port: null, folder: root, scheduler: 'auto' } as const;
    await expect(agreed()).rejects.toMatchObject({ exitCode: 2, hint: expect.stringContaining('--on ssh:h') });
    await expect(agreed({ typed: { ...typed, folder: '.aedsl' } })).rejects.toThrow('you have not agreed');
    await agreed({ typed });
    await agreed();
    rmSync(folder.path, { recursive: true });
    folder.plan('s1', noSlurmSettings, { ...host, port: 23 });
    await expect(agreed()).rejects.toThrow('you have not agreed');
    rememberHost({ ...host, port: 23 });
    await agreed();
  } finally {
    if (cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cache;
  }
});

test('a host puts nothing where nobody asked for it', async () => {
  const folder = new SweepFolder(join(root, 'own'));
  folder.plan('s1', noSlurmSettings, host);
  const tasks = '{"type":"tasks","tasks":[]}';
  for (const path of [
    '../../stolen',
    'trials/1/attempt-0001/../../../stolen',
    'trials/2/attempt-0001/messages.jsonl',
    'trials/1/attempt-0001/x.part',
    'trials/1/job.json',
    'plan.json',
    'lock',
  ]) {
    ssh(
      `cat >/dev/null; printf '%s\\n' ${beginning} '${tasks}' '{"type":"file","path":"${path}","from":0,"bytes":1}' x`,
    );
    await expect(reportFromHost(folder, host, { wanted: [1], forget: [] }), path).rejects.toThrow('nobody asked for');
  }
  ssh(`echo ${beginning}; echo '{"type":"refused","reason":"over_limit","message":"no quota","hint":"wait"}'`);
  await expect(reportFromHost(folder, host, { wanted: [1], forget: [] })).rejects.toMatchObject({
    reason: 'over_limit',
    message: 'h: no quota',
  });
  ssh(`echo ${beginning}; echo rubbish`);
  await expect(reportFromHost(folder, host, { wanted: [1], forget: [] })).rejects.toThrow();
  expect(existsSync(join(root, 'stolen'))).toBe(false);
});

test('a host without what aedsl needs is refused', async () => {
  const asked = { destination: 'h', port: null, folder: join(root, 'far'), scheduler: 'auto' } as const;
  const main = join(import.meta.dirname, '../../../dist/src/cli/main.js');
  const ready = (setup: readonly string[], given: object = {}) =>
    readyHost({ ...asked, ...given }, { ...noSlurmSettings, setup }, main);
  ssh(thisMachine);
  const only = (names: string, node: string) => [
    `mkdir -p '${root.replace("'", "'\\''")}/only'; PATH='${root.replace("'", "'\\''")}/only'`,
    `rm -f "$PATH"/*; for p in ${names}; do ln -s /bin/$p "$PATH/$p"; done`.replace(/^rm|ln/g, '/bin/$&'),
    `printf '#!/bin/sh\\necho ${node}\\n' > "$PATH/node"; /bin/chmod +x "$PATH/node"`,
  ];
  for (const [node, reason] of [
    ['v18.20.0', 'no_node'],
    ['v20.18.3', 'no_node'],
    ['v20.19.0', 'no_tar'],
    ['v22.0.0', 'no_tar'],
  ] as const)
    await expect(ready(only('mkdir uname', node)), node).rejects.toMatchObject({ reason });
  const cluster = only('mkdir uname tar gzip', 'v22.0.0');
  await expect(ready(cluster, { scheduler: 'slurm' })).rejects.toMatchObject({ reason: 'no_scheduler' });
});

test('data are named by what is in them', () => {
  const pictures = join(root, 'my pictures');
  mkdirSync(join(pictures, 'cats'), { recursive: true });
  writeFileSync(join(pictures, 'cats/1.png'), 'a');
  const table = join(root, 'a table.csv');
  writeFileSync(table, 'x\n1\n');
  const { sets, places } = jobData([pictures, table], []);
  const [ofPictures = '', ofTable = ''] = [places.get(pictures), places.get(table)];
  expect([ofPictures, ofTable]).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}\/my_pictures$/),
    expect.stringMatching(/^[0-9a-f]{64}\/a_table.csv$/),
  ]);
  expect(sets.map(({ files }) => files.map(({ to }) => to))).toEqual([[`${ofPictures}/cats/1.png`], [ofTable]]);
  writeFileSync(table, 'x\n2\n');
  expect(jobData([table], []).places.get(table)).not.toBe(ofTable);
});

test('cores train each trial once, and one process at a time does so', async () => {
  const folder = new SweepFolder(join(root, 'cores'));
  folder.plan('s3', noSlurmSettings);
  const { number } = folder.intend([[0], [1], [2]]);
  folder.putReceipt(number, 0);
  for (const trial of [0, 1]) {
    mkdirSync(folder.jobOf(trial), { recursive: true });
    writeFileSync(folder.jobFileOf(trial), JSON.stringify({ ...job, trial }));
  }
  const starts = join(root, 'starts');
  const program = [
    '/bin/bash',
    '-c',
    `echo "$2" >> '${starts.replace("'", "'\\''")}'; sleep 0.1; exit 9`,
    'aedsl',
  ] as const;
  const end = new AbortController();
  const options = { jobs: 2, program, end: end.signal, say: () => {} };
  expect(tasksOnCores(folder).get(0)?.state).toBeNull();
  const training = trainOnCores(folder, options);
  expect(tasksOnCores(folder).get(1)).toEqual({ submission: 1, task: null, state: 'PENDING', heldBack: null });
  await trainOnCores(folder, options);
  await training;
  // A process that dies twice has failed; the third trial is merged already.
  expect(readFileSync(starts, 'utf8').split('\n').slice(0, -1).sort()).toEqual(
    [0, 0, 1, 1].map((trial) => folder.jobFileOf(trial)),
  );
  expect(tasksOnCores(folder).get(0)?.state).toBeNull();
  expect(queueOnCores(folder, { action: 'stop', trials: null }).notes).toEqual(['nothing of the sweep trains there']);
  expect(queueOnCores(folder, { action: 'hold', trials: null }).notes).toEqual([
    expect.stringMatching('only be stopped'),
  ]);
  // Another process had this id before the machine was started again.
  folder.putReceipt(folder.intend([[0]]).number, 0);
  writeFileSync(join(folder.path, 'cores.pid'), '1 elsewhere\n');
  await trainOnCores(folder, options);
  expect(readFileSync(starts, 'utf8').split('\n')).toHaveLength(5);
  writeFileSync(join(folder.path, 'cores.pid'), `1 ${hostname()}\n`);
  await trainOnCores(folder, options);
  expect(readFileSync(starts, 'utf8').split('\n')).toHaveLength(7);
  // A spool that is none ends its trial, and no other.
  folder.putReceipt(folder.intend([[0], [1]]).number, 0);
  writeFileSync(join(folder.jobOf(0), 'attempt-0001/messages.jsonl'), 'no start\n');
  await trainOnCores(folder, options);
  expect(readFileSync(starts, 'utf8').split('\n').slice(6, -1)).toEqual([1, 1].map((trial) => folder.jobFileOf(trial)));
  expect(tasksOnCores(folder).get(0)?.state).toBeNull();
});

const job = {
  version: 1,
  recipe: {
    sources: [{ path: 'a.ae', text: '' }],
    experiment: null,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  },
  words: [],
  dataFiles: {},
  seed: 1,
  backend: 'cpu',
  previews: false,
};
