import { metricTables } from '../../metrics/metric-tables.js';
import { diagnosticCodes } from '../diagnostics/codes.js';
import { type Family, families } from '../ir/value.js';
import type { Library } from './library.js';
import { codeTable, coverageTable, fillMarked, settingTable, type WordTests, wordTable } from './reference.js';
import { stageSettings, trainSettings } from './settings/train.js';
import type { AnyWord } from './word.js';

interface Page {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** The pages of the reference, with their tables regenerated from the library. */
export function filledPages(library: Library, read: (path: string) => string): readonly Page[] {
  const [language, words, metrics] = ['grammar/language.md', 'grammar/words.md', 'docs/metrics.md'];
  return [
    { path: language, text: filledLanguage(library, read(language)) },
    { path: words, text: fillMarked(read(words), 'words', coverageTable(library, testsOf)) },
    { path: metrics, text: filledMetrics(library, read(metrics)) },
  ];
}

function filledMetrics(library: Library, text: string): string {
  const words = library.words.filter((word) => word.family === 'evaluation');
  return [...metricTables(words)].reduce((page, [place, table]) => fillMarked(page, place, table), text);
}

function filledLanguage(library: Library, text: string): string {
  const present = families.filter((family) => library.names(family).length > 0);
  const withWords = present.reduce(
    (page, family) => fillMarked(page, `words: ${family}`, wordTable(library, family)),
    text,
  );
  const withTraining = fillMarked(withWords, 'settings: train', settingTable(trainSettings));
  const withSettings = present.includes('stage')
    ? fillMarked(withTraining, 'settings: pretrain', settingTable(stageSettings))
    : withTraining;
  return fillMarked(withSettings, 'diagnostics', codeTable(diagnosticCodes));
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
