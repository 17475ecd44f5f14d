import { metricTables } from '../../metrics/metric-tables.js';
import { diagnosticCodes } from '../diagnostics/codes.js';
import { type Family, families } from '../ir/value.js';
import type { Library } from '../library/library.js';
import { codeTable, coverageTable, fillMarked, summaryTable, type WordTests } from '../library/reference.js';
import { axisUsages, statementTable, sweepSettingUsages, usageTable } from '../library/statements.js';
import type { AnyWord } from '../library/word.js';
import { familyPages, pageName } from './family-pages.js';

interface Page {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** The pages of the reference: family pages are generated as a whole; in the others, the tables are filled in. */
export function filledPages(library: Library, read: (path: string) => string): readonly Page[] {
  const [language, words, metrics] = ['grammar/language.md', 'grammar/words.md', 'docs/metrics.md'];
  return [
    { path: language, text: filledLanguage(library, read(language)) },
    { path: words, text: fillMarked(read(words), 'words', coverageTable(library, testsOf)) },
    { path: metrics, text: filledMetrics(library, read(metrics)) },
    ...familyPages(library),
  ];
}

function filledMetrics(library: Library, text: string): string {
  const words = library.words.filter((word) => word.family === 'evaluation');
  return [...metricTables(words)].reduce((page, [place, table]) => fillMarked(page, place, table), text);
}

function filledLanguage(library: Library, text: string): string {
  const present = families.filter((family) => library.names(family).length > 0);
  const withWords = present.reduce(
    (page, family) =>
      fillMarked(page, `words: ${family}`, summaryTable(library, family, `../docs/reference/${pageName(family)}`)),
    text,
  );
  const withSweeps = fillMarked(
    fillMarked(withWords, 'axes', usageTable(axisUsages, ['axis', 'its values'])),
    'settings: sweep',
    usageTable(sweepSettingUsages, ['setting', 'what it says']),
  );
  const withStatements = fillMarked(withSweeps, 'statements', statementTable());
  return fillMarked(withStatements, 'diagnostics', codeTable(diagnosticCodes));
}

const shaped: ReadonlySet<Family> = new Set<Family>(['layer', 'transform']);
const differentiated: ReadonlySet<Family> = new Set<Family>(['layer', 'loss']);

/** Tests of the rules that all words of a family share; each of them fails for a word that it doesn't cover. */
function testsOf({ family }: AnyWord): WordTests {
  return {
    shape: shaped.has(family) ? 'tests/compiler/library/shapes.test.ts' : null,
    gradient: differentiated.has(family) ? 'tests/runtime/lowering/gradients.test.ts' : null,
  };
}
