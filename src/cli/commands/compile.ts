import { canonicalJson, parse, syntaxTree } from '../../api/compiler.js';
import { defineCommand } from '../command.js';
import { printDiagnostics } from '../diagnostics.js';
import { compiledArgument, readExperimentArgument } from '../experiment-argument.js';
import { exitCodes, Failure } from '../failure.js';
import { choiceOption, experimentHelp } from '../options.js';

/** Prints a stage of the compilation as JSON. */
export const command = defineCommand({
  about: 'Print what the compiler makes of an experiment, as JSON.',
  examples: ['aedsl compile sparse.ae', 'aedsl compile sparse.ae rho=0.1 --emit canonical'],
  usage: (command) =>
    command
      .argument('<file>', experimentHelp)
      .argument('[param=value...]', 'values for params')
      .addOption(
        choiceOption('--emit <stage>', 'cst, ast, ir, or canonical (what the identity is made of)', [
          'cst',
          'ast',
          'ir',
          'canonical',
        ]).default('ir'),
      )
      .option('--data <set>', 'another data set'),
  async run({ console, refuse, words }, [file, params], options) {
    const { source, name } = readExperimentArgument(file);
    if (options.emit === 'cst' || options.emit === 'ast') {
      refuse(['data'], `has no effect on the ${options.emit}`, 'the ir and the canonical form depend on it');
      if (params.length > 0) {
        throw new Failure(
          exitCodes.usage,
          `values for params have no effect on the ${options.emit}`,
          'the ir and the canonical form depend on them',
        );
      }
    }
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
        const library = await words();
        const typed = { library, source, experiment: name, params, data: options.data ?? null };
        const compiled = compiledArgument(console, typed);
        if (compiled === null) return exitCodes.experiment;
        const { ir, canonical, hash } = compiled;
        console.data(
          options.emit === 'ir' ? `${JSON.stringify({ hash, ...ir }, null, 2)}\n` : `${canonicalJson(canonical)}\n`,
        );
        return exitCodes.ok;
      }
    }
  },
});

/** Prints a span's position without its whole source. */
function withoutSources(key: string, value: unknown): unknown {
  return key === 'source' ? undefined : value;
}
