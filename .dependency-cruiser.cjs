// The import rules of ARCHITECTURE.md: which folder may know of which.
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});
const builtin =
  '^(node:)?(fs|path|os|url|crypto|zlib|util|https?|stream|buffer|events|worker_threads|child_process|module|process|v8|perf_hooks)(/|$)';
const pkg = (name) => `node_modules/${name.replace('/', '\\/')}/`;
const types = pkg('@types/');
/** Its types, or a version of it: as an optional package it may not be installed, and then is named as it is imported. */
const betterSqlite3 = '(^|node_modules/|@types/)better-sqlite3(-13)?(/|$)';

/** Each floor imports only from those after it. */
const floors = [
  'editor',
  'compare',
  'results',
  'models',
  'sweep',
  'execute',
  'trial',
  'project',
  'words',
  'runtime',
  'compiler',
  'numerics',
  'files',
  'metrics',
  'text',
];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('grammar', '^grammar/', [pkg('chevrotain'), pkg('@chevrotain')]),
    only('files', '^src/files/', [builtin]),
    only('numerics', '^src/numerics/', []),
    only('text', '^src/text/', []),
    only('words', '^src/words/', [
      '^src/compiler/(ir|library|diagnostics)/',
      '^src/(numerics|metrics|text)/',
      '^src/runtime/',
      pkg('@tensorflow'),
    ]),
    {
      // The compiler is handed all words, and must not load TF.js or what trains with it: a word is handed its operations.
      name: 'words-load-no-engine',
      severity: 'error',
      from: { path: '^src/words/' },
      to: {
        path: ['^src/runtime/(lowering|backend|training|store|sweep)', pkg('@tensorflow')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-runtime-and-the-compiler-are-handed-words',
      severity: 'error',
      from: { path: '^src/(compiler|runtime)/' },
      to: { path: '^src/words/' },
    },
    only('metrics', '^src/metrics/', []),
    only('library', '^src/compiler/library/', ['^src/compiler/(ir|diagnostics)/', '^src/(numerics|metrics)/']),
    // node:crypto for the content hash: a pure function of its input.
    only('compiler', '^src/compiler/', [
      '^grammar/',
      '^src/(numerics|metrics|text)/',
      pkg('chevrotain'),
      pkg('@chevrotain'),
      '^(node:)?crypto$',
    ]),
    only('lowering', '^src/runtime/lowering/', [
      '^src/compiler/(ir|library)/',
      '^src/numerics/',
      '^src/runtime/random/',
      pkg('@tensorflow'),
    ]),
    only('backend', '^src/runtime/backend/', [
      '^src/(numerics|text)/',
      // What the lowering wants in one kernel, and how a gradient of one's own is written.
      '^src/runtime/lowering/(fused-operations|gradient)',
      '^src/runtime/random/',
      '^src/compiler/ir/',
      pkg('@tensorflow'),
      '^src/files/',
      builtin,
    ]),
    only('random', '^src/runtime/random/', ['^src/numerics/', pkg('seedrandom'), types]),
    only('datasets', '^src/runtime/datasets/', [
      '^src/compiler/(ir|library)/',
      '^src/compiler/diagnostics/suggest',
      '^src/(numerics|text)/',
      '^src/runtime/(random|formats)/',
      '^src/files/',
      builtin,
      pkg('pako'),
      pkg('pngjs'),
      pkg('@cornerstonejs'),
    ]),
    only('formats', '^src/runtime/formats/', ['^src/files/', pkg('valibot'), pkg('protobufjs'), builtin]),
    only('training', '^src/runtime/training/', [
      '^src/compiler/(ir|library)/',
      '^src/(numerics|metrics)/',
      '^src/runtime/(lowering|random|datasets|evaluation|backend|formats|events)',
      pkg('valibot'),
      pkg('@tensorflow'),
      builtin,
    ]),
    only('store', '^src/runtime/store/', [
      '^src/runtime/(events|formats)',
      '^src/compiler/ir/',
      '^src/metrics/',
      betterSqlite3,
      pkg('valibot'),
      types,
      '^src/files/',
      builtin,
    ]),
    only('figures', '^src/runtime/figures/', [
      '^src/compiler/(ir|library)/',
      '^src/numerics/',
      pkg('fast-png'),
      pkg('@resvg'),
      pkg('@fontsource'),
      '^src/files/',
      builtin,
    ]),
    only('importance', '^src/runtime/importance/', ['^src/numerics/', '^src/runtime/random/']),
    only('search', '^src/runtime/search/', ['^src/numerics/', '^src/runtime/(random|statistics)/']),
    only('evaluation', '^src/runtime/evaluation/', ['^src/compiler/(ir|library)/', '^src/numerics/']),
    only('statistics', '^src/runtime/statistics/', ['^src/numerics/', '^src/runtime/random/']),
    only('provenance', '^src/runtime/provenance/', [
      '^src/runtime/(store|formats)/',
      '^src/compiler/ir/',
      '^src/metrics/',
      '^src/files/',
      builtin,
    ]),
    {
      // An editor is answered while somebody types, and nothing is trained for it.
      name: 'the-editor-loads-no-engine',
      severity: 'error',
      from: { path: '^src/editor/' },
      to: {
        path: ['^src/(compare|models|execute|trial)/', '^src/runtime/(lowering|training)/', pkg('@tensorflow')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-editor-speaks-its-protocol',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/editor/' },
      to: { path: 'node_modules/vscode-' },
    },
    {
      name: 'only-the-store-knows-sqlite',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runtime/store/' },
      to: { path: betterSqlite3 },
    },
    {
      // It chooses the version.
      name: 'only-one-module-loads-sqlite',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runtime/store/sqlite\\.ts$' },
      to: { path: betterSqlite3, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-command-line-is-a-program-like-any-other',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^(src|grammar)/', pathNot: '^src/(cli|files|api)/' },
    },
    {
      name: 'the-api-exports-and-does-nothing',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|api)/|^src/index' },
      to: { path: '^src/(api/|index)' },
    },
    ...floors.map((floor, index) => ({
      name: `${floor}-imports-only-from-below`,
      severity: 'error',
      from: { path: `^src/${floor}/` },
      to: { path: `^src/(index|(${['cli', ...floors.slice(0, index)].join('|')})/)` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^src/runtime/backend/simd/assembly' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
