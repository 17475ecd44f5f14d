import { compile as compileSource } from '../../compiler/compile.js';
import { canonicalJson } from '../../compiler/ir/canonical.js';
import { syntaxTree } from '../../compiler/syntax/concrete-syntax.js';
import { parse } from '../../compiler/syntax/parse.js';
import { readAssignments, readData } from '../../project/params.js';
import { fileWorld } from '../../project/world.js';
import { builtinWords } from '../../words/words.js';
import type { Console } from '../console.js';
import { printDiagnostics } from '../diagnostics.js';
import { placedPaths, readExperimentArgument } from '../experiment-argument.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';

export interface CompileCommandOptions {
  readonly emit: string;
  readonly data?: string;
}

/** Prints a stage of the compilation as JSON. */
export function compile(
  console: Console,
  file: string,
  params: readonly string[],
  options: CompileCommandOptions,
): ExitCode {
  const { source, name } = readExperimentArgument(file);
  switch (options.emit) {
    case 'cst': {
      const tree = syntaxTree(source);
      printDiagnostics(console, parse(source).diagnostics, false);
      if (tree === null) return exitCodes.experiment;
      console.data(`${JSON.stringify(tree, null, 2)}\n`);
      return exitCodes.ok;
    }
    case 'ast': {
      const parsed = parse(source);
      printDiagnostics(console, parsed.diagnostics, false);
      if (parsed.value === null) return exitCodes.experiment;
      console.data(`${JSON.stringify(parsed.value, withoutSources, 2)}\n`);
      return exitCodes.ok;
    }
    case 'ir':
    case 'canonical': {
      const placed = placedPaths(console, { source, experiment: name, params, data: options.data ?? null });
      const { assignments, diagnostics } = readAssignments(placed.params);
      const data = placed.data === null ? null : readData(placed.data);
      const compiled = compileSource(source, name, { library: builtinWords, world: fileWorld(), assignments, data });
      printDiagnostics(console, [...diagnostics, ...compiled.diagnostics], false);
      if (compiled.value === null) return exitCodes.experiment;
      const { ir, canonical, hash } = compiled.value;
      console.data(
        options.emit === 'ir' ? `${JSON.stringify({ hash, ...ir }, null, 2)}\n` : `${canonicalJson(canonical)}\n`,
      );
      return exitCodes.ok;
    }
    default:
      throw new Failure(exitCodes.usage, `--emit takes cst, ast, ir or canonical, not '${options.emit}'`);
  }
}

/** A span's place is worth printing; the whole text that it is in isn't. */
function withoutSources(key: string, value: unknown): unknown {
  return key === 'source' ? undefined : value;
}
