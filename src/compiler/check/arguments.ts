import { type DataPart, partOf, readMetric } from '../../metrics/metric-name.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Suggestion } from '../diagnostics/diagnostic.js';
import { belongsElsewhere, insteadOfFunction, insteadOfLayer, insteadOfWord } from '../diagnostics/habits.js';
import { closest, inQuotationMarks, meantName, withArticle } from '../diagnostics/suggest.js';
import { describeEvaluated, type Evaluated } from '../evaluate/evaluated.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import { contains, describeBounds, type Interval } from '../ir/interval.js';
import {
  type ArgumentValue,
  type Family,
  type LayerReference,
  ownValue,
  plainArguments,
  type Value,
  type WordValue,
} from '../ir/value.js';
import { defaultOf } from '../library/defaults.js';
import type { Library } from '../library/library.js';
import type { ListParameter, PairParameter, Parameter, Parameters, WordParameter } from '../library/parameter.js';
import { parametersOfPeer, usage, wordOfPeer } from '../library/peers.js';
import { scheduleValues } from '../library/schedule-values.js';
import type { AnyWord, Problem, WordsOf } from '../library/word.js';
import type { CallExpression, Expression, Identifier, Setting } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { World } from '../world.js';
import {
  bareOption,
  booleanHint,
  calledHere,
  insteadOfActivation,
  isNumber,
  numberHint,
  ofWeight,
  unknownArgument,
} from './argument-hints.js';
import { constantArray } from './constant-arrays.js';
import { checkDefinedArguments } from './definitions.js';
import type { Labels } from './labels.js';

/** A call whose arguments are valid one by one. */
export interface Bound<W extends AnyWord = AnyWord> {
  readonly definition: W;
  readonly value: WordValue;
  /** Values of the arguments, for the word's rules. */
  readonly plain: Readonly<Record<string, Value>>;
  readonly span: Span;
  /** Position of each given argument's value. */
  readonly places: ReadonlyMap<string, Span>;
}

/** Binds calls to words and checks their arguments, reporting every problem. */
export class ArgumentChecker {
  readonly #evaluator: Evaluator;
  readonly #library: Library;
  readonly #labels: Labels;
  readonly #collector: DiagnosticCollector;
  readonly #world: World | null;

  /** @param world null where no argument is read from a file */
  constructor(
    evaluator: Evaluator,
    library: Library,
    labels: Labels,
    collector: DiagnosticCollector,
    world: World | null,
  ) {
    this.#world = world;
    this.#evaluator = evaluator;
    this.#library = library;
    this.#labels = labels;
    this.#collector = collector;
  }

  /** @returns null after reporting why the call is invalid here */
  bind<F extends Family>(family: F, call: CallExpression): Bound<WordsOf[F]> | null {
    const definition = this.#find(family, call.word);
    if (!definition) return null;
    const { parameters }: { readonly parameters: Parameters } = definition;
    const given = this.#assign(definition, call, (each) => this.#evaluator.evaluate(each));
    const bound = this.#values(definition.name, parameters, given, call.word.span);
    if (!bound) return null;
    const value: WordValue = {
      kind: 'word',
      family,
      word: definition.name,
      version: definition.version,
      ...(definition.defined === undefined ? {} : { definition: definition.defined }),
      arguments: bound.arguments,
    };
    const found = { definition, value, plain: plainArguments(bound.arguments), span: call.span, places: bound.places };
    checkDefinedArguments(found, this.#collector);
    return found;
  }

  /** Reports an unknown word, and unknown arguments, of a call whose values aren't known. */
  checkNames(family: Family, call: CallExpression): void {
    const definition = this.#find(family, call.word);
    if (definition) this.#assign(definition, call, ({ span }) => ({ type: 'unknown', span }));
  }

  /** Checks the settings in a stage's braces like a word's named arguments. */
  settings(owner: Identifier, parameters: Parameters, settings: readonly Setting[]) {
    const given = new Map<string, Given>();
    const meant = new Set<string>();
    for (const { name, value, span } of settings) {
      const before = given.get(name.name);
      if (ownValue(parameters, name.name) === undefined) {
        const names = Object.keys(parameters);
        const peers = parametersOfPeer(parameters, name.name);
        const hint = peers.length > 0 ? calledHere(peers) : belongsElsewhere(name.name);
        this.#collector.error('AE210', `'${owner.name}' has no setting '${name.name}'`, name.span, {
          hint: hint ?? meantName(name.name, names) ?? `it has ${names.join(', ')}`,
        });
        for (const each of peers) meant.add(each);
        meant.add(closest(name.name, names) ?? '');
      } else if (before) {
        this.#collector.error('AE303', `the setting '${name.name}' is given twice`, span, {
          related: [{ span: before.span, message: 'first occurrence here' }],
        });
      } else given.set(name.name, { value: this.#evaluator.evaluate(value), span: value.span });
    }
    return this.#values(owner.name, parameters, { given, meant }, owner.span);
  }

  /** The call that a name or a text in place of one stands for, as a hint; null if it is no word. */
  callOf(family: Family, value: Evaluated): Suggestion | null {
    const name = value.type === 'symbol' ? value.name : value.type === 'string' ? value.value : null;
    const word = name === null ? null : wordOfPeer(this.#library, family, name);
    return word === null ? null : { hint: `write ${word.name}()`, replacement: `${word.name}()` };
  }

  /** Reports the problems found by a word's own rules. */
  report(problems: readonly Problem[], bound: Pick<Bound, 'span' | 'places'>): void {
    for (const p of problems) {
      const span = (p.argument === null ? undefined : bound.places.get(p.argument)) ?? bound.span;
      if (p.severity === 'error') this.#collector.error(p.code, p.message, span, { hint: p.hint });
      else this.#collector.warning(p.code, p.message, span, { hint: p.hint });
    }
  }

  #find<F extends Family>(family: F, word: Identifier): WordsOf[F] | null {
    const found = this.#library.find(family, word.name);
    if (found) return found;
    const elsewhere = this.#library.familiesOf(word.name);
    // What stands among layers may be meant by who writes one.
    const meant: readonly Family[] = family === 'layer' && elsewhere.length === 0 ? ['layer', 'structure'] : [family];
    const names = meant.flatMap((each) => this.#library.names(each));
    const peer = meant.map((each) => wordOfPeer(this.#library, each, word.name)).find((each) => each !== null) ?? null;
    const habit = insteadOfWord(word.name);
    if (peer !== null && habit === null) {
      this.#collector.error('AE201', `there is no ${family} '${word.name}'`, word.span, {
        hint: { hint: `write ${usage(peer)}`, replacement: peer.name },
      });
    } else if (elsewhere.length > 0) {
      const place = family === 'layer' ? insteadOfLayer(elsewhere[0] ?? '', word.name) : null;
      this.#collector.error(
        'AE209',
        `'${word.name}' is ${withArticle(elsewhere[0] ?? '')}, but ${withArticle(family)} is expected here`,
        word.span,
        {
          hint: habit ?? place ?? `such as ${names.join(', ')}`,
        },
      );
    } else {
      this.#collector.error('AE201', `there is no ${family} '${word.name}'`, word.span, {
        hint:
          insteadOfFunction(word.name, family) ??
          habit ??
          meantName(word.name, names) ??
          `there are ${names.join(', ')}`,
      });
    }
    return null;
  }

  /** Matches arguments to parameters. */
  #assign(definition: AnyWord, call: CallExpression, evaluate: (written: Expression) => Evaluated): Assigned {
    const { name: word }: { readonly name: string } = definition;
    const parameters: Parameters = definition.parameters;
    const names = Object.keys(parameters);
    const given = new Map<string, Given>();
    const misspelt = new Set<string>();
    let position = 0;
    for (const argument of call.arguments) {
      const name = argument.name ? argument.name.name : names[position++];
      const evaluated = { value: evaluate(argument.value), span: argument.value.span };
      if (name === undefined) {
        // One report covers all excess arguments.
        if (position > names.length + 1) continue;
        this.#collector.error(
          'AE304',
          `'${word}' takes ${count(names.length, 'argument')}, and this is one too many`,
          argument.span,
          { hint: this.#tooMany(definition, names) },
        );
      } else if (ownValue(parameters, name) === undefined) {
        const meant = closest(name, names);
        misspelt.add(meant ?? '');
        const peers = parametersOfPeer(parameters, name);
        for (const peer of peers) misspelt.add(peer);
        this.#collector.error('AE301', `'${word}' has no argument '${name}'`, argument.name?.span ?? argument.span, {
          hint: unknownArgument(definition, name, peers, names),
        });
      } else if (given.has(name)) {
        this.#collector.error('AE303', `the argument '${name}' is given twice`, argument.span, {
          hint: definition.inferred === undefined ? null : usage(definition),
        });
      } else given.set(name, evaluated);
    }
    return { given, meant: misspelt };
  }

  /** Explains `linear(784, 16)`, which is PyTorch's Linear. */
  #tooMany(definition: AnyWord, names: readonly string[]): string | null {
    const peer = wordOfPeer(this.#library, definition.family, definition.name);
    if (peer !== null && peer.name !== definition.name)
      return `PyTorch's ${peer.peers?.[0] ?? peer.name} is ${usage(peer)}`;
    if (definition.inferred !== undefined) return usage(definition);
    return names.length > 0 ? `it takes ${names.join(', ')}` : null;
  }

  #values(owner: string, parameters: Parameters, { given, meant }: Assigned, ownerSpan: Span) {
    const values: Record<string, ArgumentValue> = {};
    const places = new Map<string, Span>();
    let complete = true;
    for (const [name, parameter] of Object.entries(parameters)) {
      const argument = given.get(name);
      if (argument) {
        places.set(name, argument.span);
        const value = this.#convert(argument.value, parameter, name);
        if (value === undefined) complete = false;
        else values[name] = { value, origin: 'given' };
      } else if (parameter.default === undefined) {
        complete = false;
        if (meant.has(name)) continue;
        this.#collector.error('AE302', `'${owner}' needs ${name}=`, ownerSpan, { hint: parameter.doc });
      } else {
        const value = this.#default(parameter, ownerSpan);
        if (value === undefined) complete = false;
        else values[name] = { value, origin: 'default' };
      }
    }
    return complete ? { arguments: values, places } : null;
  }

  /** A default that names a layer depends on the experiment; any other is the parameter's own. */
  #default(parameter: Parameter, span: Span): Value | undefined {
    if (parameter.type !== 'layer' || !parameter.default) return defaultOf(parameter, this.#library);
    return this.#labels.end(parameter.default, span, this.#collector) ?? undefined;
  }

  /** Returns undefined after reporting why the value does not fit. */
  #convert(value: Evaluated, parameter: Parameter, name: string): Value | undefined {
    if (value.type === 'unknown') return undefined;
    switch (parameter.type) {
      case 'integer':
        return this.#integer(
          value,
          parameter.range,
          name,
          parameter.unit,
          value.type === 'string' ? (parameter.misfit ?? null) : null,
        );
      case 'real':
        if (value.type === 'call') return this.#schedule(value, parameter.schedulable, parameter.range, name);
        return this.#real(value, parameter.range, name, parameter.schedulable ? this.#namedSchedule(value) : null);
      case 'boolean':
        if (value.type === 'boolean') return value.value;
        return this.#wrongType(value, name, 'true or false', booleanHint(value));
      case 'choice':
        if (value.type === 'symbol' && parameter.options.includes(value.name)) return value.name;
        if (value.type === 'symbol') {
          return this.#wrongType(
            value,
            name,
            `one of ${parameter.options.join(', ')}`,
            meantName(value.name, parameter.options),
          );
        }
        return this.#wrongType(
          value,
          name,
          `one of ${parameter.options.join(', ')}`,
          bareOption(value, parameter.options),
        );
      case 'text':
        if (value.type === 'string') return withoutPart(value.value, parameter.metricOf);
        if (parameter.elsewhere === true && value.type === 'symbol') return value.name;
        if (parameter.elsewhere === true && value.type === 'member') return `${value.name}.${value.member}`;
        return this.#unquoted(value, name, parameter.path ? 'a path' : 'a text', parameter.metricOf !== undefined);
      case 'word':
        return this.#word(value, parameter);
      case 'layer':
        return this.#labels.find(value, this.#collector, parameter.allowsInput) ?? undefined;
      case 'list':
        return this.#list(value, parameter, name);
      case 'pair':
        return this.#pair(value, parameter, name);
    }
  }

  #integer(
    value: Evaluated,
    range: Interval,
    name: string,
    unit: string | undefined,
    misfit: string | null = null,
  ): number | undefined {
    const number = this.#real(value, range, name, misfit);
    if (number === undefined || Number.isInteger(number)) return number;
    this.#collector.error(
      'AE305',
      `${name} must be a whole number${unit ? ` of ${unit}` : ''}, not ${number}`,
      value.span,
    );
    return undefined;
  }

  #real(value: Evaluated, range: Interval, name: string, misfit: string | null = null): number | undefined {
    if (value.type !== 'number') {
      const hint =
        value.type === 'call'
          ? insteadOfFunction(value.call.word.name)
          : value.type === 'list'
            ? 'to sweep a list of values, use: aedsl sweep'
            : value.type === 'symbol'
              ? numberHint(value.name, value.span)
              : value.type === 'string' && isNumber(value.value)
                ? `write ${value.value}, without quotation marks`
                : null;
      return this.#wrongType(value, name, 'a number', misfit ?? hint);
    }
    if (!contains(range, value.value)) {
      this.#collector.error('AE306', `${name} must be ${describeBounds(range)}, not ${value.value}`, value.span);
      return undefined;
    }
    return value.value;
  }

  /** Explains `lr=cosine`. */
  #namedSchedule(value: Evaluated): string | null {
    const word = value.type === 'symbol' ? wordOfPeer(this.#library, 'schedule', value.name) : null;
    return word && `write ${usage(word)}`;
  }

  #schedule(
    value: Evaluated & { type: 'call' },
    schedulable: boolean,
    range: Interval,
    name: string,
  ): WordValue | undefined {
    if (!this.#library.find('schedule', value.call.word.name)) {
      if (this.#library.familiesOf(value.call.word.name).length > 0) return this.#wrongType(value, name, 'a number');
      this.#find('schedule', value.call.word);
      return undefined;
    }
    if (!schedulable) {
      this.#collector.error('AE311', `${name} cannot change during training`, value.span, {
        hint: 'give it a number',
      });
      return undefined;
    }
    const schedule = this.bind('schedule', value.call);
    if (!schedule) return undefined;
    this.report(schedule.definition.check(schedule.plain), schedule);
    for (const extreme of scheduleValues(this.#library).extent(schedule.value)) {
      if (contains(range, extreme)) continue;
      this.#collector.error(
        'AE306',
        `${name} must be ${describeBounds(range)}, but this schedule reaches ${extreme}`,
        value.span,
      );
      return undefined;
    }
    return schedule.value;
  }

  #word(value: Evaluated, parameter: WordParameter): WordValue | undefined {
    const kind = parameter.activation ? 'activation' : parameter.family;
    if (value.type !== 'symbol' && value.type !== 'call') {
      return this.#wrongType(value, kind, withArticle(kind), this.#unprefixed(value, parameter));
    }
    const call: CallExpression =
      value.type === 'call'
        ? value.call
        : { kind: 'call', word: { name: value.name, span: value.span }, arguments: [], block: null, span: value.span };
    if (parameter.activation) {
      const activations = this.#library.names('layer').filter((n) => this.#library.find('layer', n)?.activation);
      if (!activations.includes(call.word.name)) {
        const peer = wordOfPeer(this.#library, 'layer', call.word.name);
        this.#collector.error('AE201', `there is no activation '${call.word.name}'`, call.word.span, {
          hint:
            peer?.family === 'layer' && peer.activation
              ? `write ${usage(peer)}`
              : (insteadOfActivation(call.word.name) ??
                meantName(call.word.name, activations) ??
                `there are ${activations.join(', ')}`),
        });
        return undefined;
      }
    }
    if (parameter.family !== 'optimizer') return this.bind(parameter.family, call)?.value;
    const optimizer = this.bind('optimizer', call);
    if (optimizer) this.report(optimizer.definition.check(optimizer.plain), optimizer);
    return optimizer?.value;
  }

  #list(value: Evaluated, parameter: ListParameter, name: string): Value | undefined {
    if (parameter.allowsFile === true && value.type !== 'list') return this.#numbersOfFile(value, parameter, name);
    const items = value.type === 'list' ? value.items : [value];
    switch (parameter.of) {
      case 'integer':
        return allDefined(items.map((item) => this.#integer(item, parameter.range, name, undefined)));
      case 'real':
        return allDefined(items.map((item) => this.#real(item, parameter.range, name)));
      case 'text':
        return allDefined(
          items.map((item) => (item.type === 'string' ? item.value : this.#unquoted(item, name, 'a text', false))),
        );
      case 'class':
        return this.#classes(items, name, value.span);
      case 'layer':
        return allDefined<LayerReference>(
          items.map((item) => this.#labels.find(item, this.#collector, parameter.allowsInput) ?? undefined),
        );
    }
  }

  #numbersOfFile(value: Evaluated, { range, of }: ListParameter, name: string): Value | undefined {
    if (value.type !== 'call') {
      const hint = value.type === 'string' ? `write npy("${value.value}")` : null;
      return this.#wrongType(value, name, `a list of ${of === 'real' ? 'numbers' : of}, or npy("file.npy")`, hint);
    }
    const array = constantArray(value.call, this.#world, this.#evaluator, this.#library, this.#collector);
    const stray = array?.find((number) => !contains(range, number));
    if (stray === undefined) return array;
    this.#collector.error('AE306', `${name} must be ${describeBounds(range)}, and the file has ${stray}`, value.span);
    return undefined;
  }

  /** Classes as texts, each once and sorted: a number is the name of the class with this label. */
  #classes(items: readonly Evaluated[], name: string, span: Span): readonly string[] | undefined {
    if (items.length === 0) {
      this.#collector.error('AE306', `${name} needs a class at least`, span);
      return undefined;
    }
    const classes = allDefined(
      items.map((item) => {
        if (item.type === 'number' && Number.isSafeInteger(item.value)) return String(item.value);
        return item.type === 'string' ? item.value : this.#unquoted(item, name, 'numbers, or names', false);
      }),
    );
    return classes && [...new Set(classes)].sort(byUnits);
  }

  #pair(value: Evaluated, { range, misfit }: PairParameter, name: string): readonly number[] | undefined {
    const items = value.type === 'list' ? value.items : [value, value];
    if (items.length !== 2) return this.#wrongType(value, name, 'a number, or a list of two: [height, width]');
    return allDefined(items.map((item) => this.#integer(item, range, name, undefined, misfit ?? null)));
  }

  /** Explains `F.relu` and `"relu"`. */
  #unprefixed(value: Evaluated, { activation, family }: WordParameter): string | null {
    if (value.type === 'member') {
      const transposing = this.#library.byFamily.initializer.find(({ transposes }) => transposes !== undefined);
      if (family === 'initializer' && transposing && ofWeight.has(value.member))
        return `write ${transposing.name}(${value.name})`;
      return `write ${value.member.toLowerCase()}: words have no prefix`;
    }
    if (value.type !== 'string') return null;
    const peer = wordOfPeer(this.#library, activation ? 'layer' : family, value.value);
    return peer === null ? null : `write ${peer.name}, without quotation marks`;
  }

  #unquoted(value: Evaluated, name: string, what: string, isMetric: boolean): undefined {
    const written =
      value.type === 'symbol' ? value.name : value.type === 'member' ? `${value.name}.${value.member}` : null;
    const hint = written === null ? null : inQuotationMarks(written, isMetric);
    return this.#wrongType(value, name, `${what} in quotation marks`, hint);
  }

  #wrongType(value: Evaluated, name: string, wanted: string, hint: string | Suggestion | null = null): undefined {
    if (value.type !== 'unknown') {
      this.#collector.error('AE305', `${name} must be ${wanted}, not ${describeEvaluated(value)}`, value.span, {
        hint,
      });
    }
    return undefined;
  }
}

/** Arguments by parameter, and the parameters meant by misspelt names, which are not reported as missing as well. */
interface Assigned {
  readonly given: ReadonlyMap<string, Given>;
  readonly meant: ReadonlySet<string>;
}

interface Given {
  readonly value: Evaluated;
  readonly span: Span;
}

/** By UTF-16 units, as every machine sorts alike. */
function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function allDefined<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  const defined = values.filter((v): v is T => v !== undefined);
  return defined.length === values.length ? defined : undefined;
}

function count(n: number, noun: string): string {
  return n === 0 ? `no ${noun}s` : `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function withoutPart(text: string, part: DataPart | undefined): string {
  return part !== undefined && partOf(text) === part ? readMetric(text).quantity : text;
}
