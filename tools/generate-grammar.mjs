// Writes what follows from the grammar: the types of its syntax tree, the railroad diagrams and the TextMate grammar
// for editors. With --check it writes nothing, and exits 1 if one of them is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { defaultParserErrorProvider, generateCstDts } from 'chevrotain';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The grammar as it is in the sources, not as it was when dist/ was last built. */
async function loadGrammar() {
  const folder = mkdtempSync(join(root, 'node_modules', '.grammar-'));
  try {
    for (const name of ['tokens', 'parser']) {
      const source = readFileSync(join(root, 'grammar', `${name}.ts`), 'utf8');
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      writeFileSync(join(folder, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText);
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const load = (name) => import(pathToFileURL(join(folder, `${name}.js`)).href);
    return { tokens: await load('tokens'), parser: new (await load('parser')).AeParser(defaultParserErrorProvider) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const words = (tokenTypes) => tokenTypes.map(({ PATTERN }) => PATTERN);
const escapePattern = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (tokenTypes) =>
  words(tokenTypes)
    .toSorted((a, b) => b.length - a.length)
    .map(escapePattern)
    .join('|');

/** For editors that colour by TextMate's rules. It knows the words that are reserved; any other is told by its place. */
function textMate(tokens) {
  const name = tokens.Identifier.PATTERN.source;
  const statement = `\\b(?:${anyOf(tokens.statementKeywords)})\\b`;
  const rule = (match, scope) => ({ name: `${scope}.aedsl`, match });
  const grammar = {
    name: 'aedsl',
    scopeName: 'source.aedsl',
    fileTypes: ['ae'],
    patterns: [
      rule(tokens.LineComment.PATTERN.source, 'comment.line.double-slash'),
      { name: 'comment.block.aedsl', begin: '/\\*', end: '\\*/' },
      {
        name: 'string.quoted.double.aedsl',
        begin: '"',
        end: '"|$',
        patterns: [rule('\\\\["\\\\nt]', 'constant.character.escape'), rule('\\\\.', 'invalid.illegal.escape')],
      },
      {
        match: `\\b(${tokens.Experiment.PATTERN})\\s+(${name})`,
        captures: { 1: { name: 'keyword.control.aedsl' }, 2: { name: 'entity.name.type.aedsl' } },
      },
      {
        match: `\\b(${tokens.Extends.PATTERN})\\s+(${name})`,
        captures: { 1: { name: 'keyword.control.aedsl' }, 2: { name: 'entity.other.inherited-class.aedsl' } },
      },
      {
        match: `\\b(${anyOf([tokens.Param, tokens.Let])})\\s+(${name})`,
        captures: { 1: { name: 'keyword.control.aedsl' }, 2: { name: 'variable.other.constant.aedsl' } },
      },
      {
        match: `\\b(${tokens.Define.PATTERN})\\s+(${name})\\s+(${name})`,
        captures: {
          1: { name: 'keyword.control.aedsl' },
          2: { name: 'storage.type.aedsl' },
          3: { name: 'entity.name.function.aedsl' },
        },
      },
      rule(`\\b${tokens.Use.PATTERN}(?=\\s*")`, 'keyword.control'),
      rule(`(?<![.\\w])(?:${anyOf(tokens.statementNames)})(?=\\s+${name}\\s*[({])`, 'keyword.control'),
      rule(`(?<=\\.)\\s*${name}`, 'variable.other.member'),
      rule(`\\b${name}(?=\\s*=(?!=))`, 'variable.parameter'),
      rule(`(?<![.\\w])${statement}`, 'keyword.control'),
      rule(`\\b(?:${anyOf(tokens.operatorWords)})\\b`, 'keyword.operator.word'),
      rule(`\\b(?:${anyOf(tokens.constantWords)})\\b`, 'constant.language'),
      rule(`\\b${name}(?=\\s*:)`, 'entity.name.label'),
      rule(`\\b${name}(?=\\s*[({])`, 'entity.name.function'),
      rule(tokens.NumberLiteral.PATTERN.source, 'constant.numeric'),
      rule(anyOf(tokens.operatorSymbols), 'keyword.operator'),
      rule('=', 'keyword.operator.assignment'),
      rule('[{}()\\[\\]:,.]', 'punctuation'),
    ],
  };
  return `${JSON.stringify(grammar, null, 2)}\n`;
}

/** Railroad diagrams, drawn here rather than in the browser, in a page that loads nothing. */
function diagram(tokens, parser) {
  const folder = join(root, 'node_modules', 'chevrotain', 'diagrams');
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  const context = vm.createContext({});
  for (const script of ['vendor/railroad-diagrams.js', 'src/diagrams_builder.js'])
    vm.runInContext(read(script), context);
  context.rules = parser.getSerializedGastProductions();
  const drawn = vm.runInContext('diagrams_builder.buildSyntaxDiagramsText(rules)', context);
  const rows = tokens.binaryPrecedence.map((row) => `<tr><td>${row.map(code).join(' ')}</td></tr>`);
  rows.splice(2, 0, `<tr><td>${code(tokens.Not)} before its operand</td></tr>`);
  rows.splice(-1, 0, `<tr><td>${code(tokens.Minus)} before its operand</td></tr>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The grammar of .ae files</title>
<style>
body { background-color: hsl(30, 20%, 95%); font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; } td { border: 1px solid; padding: 0.2em 1em; }
${read('diagrams.css')}
</style>
</head>
<body>
<h1>The grammar of .ae files</h1>
<p>Generated from grammar/parser.ts. Click on a rule to go to its definition.</p>
<div>${drawn}</div>
<h2>How tightly operators hold, loosest first</h2>
<table>
${rows.join('\n')}
</table>
<p>Comparisons chain; ${code(tokens.Power)} groups to the right, all others to the left.</p>
<script>
${read('src/diagrams_behavior.js')}
diagrams_behavior.initDiagramsBehavior();
</script>
</body>
</html>
`;
}

const code = ({ PATTERN }) => `<code>${PATTERN.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</code>`;

const { tokens, parser } = await loadGrammar();
const generated = new Map([
  ['cst.generated.ts', `${generateCstDts(parser.getGAstProductions()).trimEnd()}\n`],
  ['diagram.html', diagram(tokens, parser).replaceAll(/[ \t]+$/gm, '')],
  ['aedsl.tmLanguage.json', textMate(tokens)],
]);

const check = process.argv.includes('--check');
for (const [name, text] of generated) {
  const path = join(root, 'grammar', name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`grammar/${name} is out of date: run node tools/generate-grammar.mjs`);
    process.exitCode = 1;
  }
}
