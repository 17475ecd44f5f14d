import { existsSync } from 'node:fs';
import type { StoredStart } from '../compiler/check/stored-starts.js';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { DiagnosticCode } from '../compiler/diagnostics/codes.js';
import { DiagnosticCollector } from '../compiler/diagnostics/collector.js';
import { type Diagnostic, hasErrors } from '../compiler/diagnostics/diagnostic.js';
import { closest, someOf } from '../compiler/diagnostics/suggest.js';
import type { ExperimentIr, LayerNode, WeightNode } from '../compiler/ir/experiment.js';
import { describeShape, type Shape, sameShape } from '../compiler/ir/shape.js';
import { knownWord, type Library } from '../compiler/library/library.js';
import type { Source } from '../compiler/syntax/source.js';
import { onOneLine } from '../files/quoted.js';
import { numericsVersion } from '../numerics/version.js';
import { outsideHint, outsideOfProject } from '../project/project-folder.js';
import { parseRecipe } from '../project/recipe.js';
import { Stale } from '../project/stale.js';
import { UsageError } from '../project/usage-error.js';
import { resolveFrom } from '../project/world.js';
import { encodeSafetensors, SafetensorsError } from '../runtime/formats/safetensors.js';
import { weightKey } from '../runtime/lowering/network.js';
import type { Store } from '../runtime/store/store.js';
import { StoreError } from '../runtime/store/store-error.js';
import type { Words } from '../words/word.js';
import { BundleError } from './bundle/bundle-error.js';
import { ExperimentError, type PreparedTrial, prepare, type TrialSpec } from './prepare.js';
import { namesBundle, runNamed, withResultsNamed } from './run-argument.js';
import { type GivenWeights, givenWeights, readWeights } from './weights-file.js';

/** What a layer can start from: a run that trained to its end, or a file of weights. */
interface Origin {
  /** For messages: `r12`, `first.safetensors`. */
  readonly name: string;
  /** Null for a file, and for a run that this version can't compile: its layers then have no labels. */
  readonly ir: ExperimentIr | null;
  readonly weights: GivenWeights;
  /** Version of the arithmetic that trained it; null if unknown. */
  readonly numerics: string | null;
}

/** Why there is nothing to start from. */
interface Missing {
  readonly problem: string;
  readonly hint: string | null;
}

/** A layer of an origin. */
interface OriginLayer {
  readonly address: string;
  /** Null for a layer of which only the weights are known. */
  readonly node: LayerNode | null;
}

export interface Started {
  /** All that is given of a trial's initial weights; null if they are all drawn. */
  readonly init: GivenWeights | null;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Looks up what layers with `init=stored(…)` start from: in a database, in bundles and in files of weights of the project.
 * Each is read once.
 */
export class StoredStarts {
  readonly #database: string | null;
  readonly #words: Words;
  readonly #origins = new Map<string, Origin | Missing>();

  /** @param database the results; null if there are none */
  constructor(database: string | null, words: Words) {
    this.#database = database;
    this.#words = words;
  }

  /**
   * The initial weights that an experiment names, together with those given by `--init`, which take precedence.
   * @throws ExperimentError if there are no such weights, or they do not fit
   */
  async of({ starts }: Pick<CompiledExperiment, 'starts'>, init: GivenWeights | null): Promise<Started> {
    const wanted = starts.filter(({ address, weights }) =>
      weights.some(({ name }) => init?.values.has(weightKey(address, name)) !== true),
    );
    if (wanted.length === 0) return { init, warnings: [] };
    const collector = new DiagnosticCollector();
    const found = new Map<string, { readonly shape: Shape; readonly values: Float32Array }>();
    // What several layers name is reported once.
    const lacking = new Set<Missing>();
    for (const start of wanted) {
      const origin = await this.#origin(start.run, start.span.source);
      const report = (code: DiagnosticCode, message: string, hint: string | null) =>
        collector.error(code, onOneLine(message), start.span, { hint });
      if ('problem' in origin) {
        if (!lacking.has(origin)) report('AE703', origin.problem, origin.hint);
        lacking.add(origin);
        continue;
      }
      const layer = layerNamed(origin, start.layer, this.#words);
      if (layer === null) {
        const hint = suggestion(start.layer, origin);
        report('AE211', `${origin.name} has no layer '${start.layer}'`, hint);
        continue;
      }
      const misfit = misfitOf(start, layer, origin);
      if (misfit !== null) {
        report('AE402', misfit.problem, misfit.hint);
        continue;
      }
      if (origin.numerics !== null && origin.numerics !== numericsVersion) {
        collector.warning(
          'AE704',
          `${origin.name} was trained with version ${origin.numerics} of the arithmetic, and this is ${numericsVersion}`,
          start.span,
          { hint: 'its weights are used as they are, but it cannot be trained again here' },
        );
      }
      for (const { name, shape } of start.weights) {
        const values = origin.weights.values.get(weightKey(layer.address, name));
        if (values !== undefined) found.set(weightKey(start.address, name), { shape, values });
      }
    }
    if (hasErrors(collector.all)) throw new ExperimentError(collector.all);
    for (const [key, values] of init?.values ?? []) {
      found.set(key, { shape: init?.shapes.get(key) ?? [values.length], values });
    }
    return { init: asFile(found), warnings: collector.all };
  }

  async #origin(run: string, from: Source): Promise<Origin | Missing> {
    const isFile = namesBundle(run) || namesWeights(run);
    const key = isFile ? resolveFrom(run, from) : run;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const origin = await this.#read(run, isFile ? { place: key, from } : null);
    this.#origins.set(key, origin);
    return origin;
  }

  async #read(run: string, file: { readonly place: string; readonly from: Source } | null): Promise<Origin | Missing> {
    const outside = file && outsideOfProject(file.place, file.from);
    if (outside !== null) return { problem: `cannot read '${run}': ${outside}`, hint: outsideHint };
    try {
      if (file !== null && !namesBundle(run)) {
        return { name: run, ir: null, weights: readWeights(file.place), numerics: null };
      }
      if (file === null && (this.#database === null || !existsSync(this.#database))) {
        return { problem: `there is no run '${run}': there are no results here yet`, hint: namesOfRuns };
      }
      const { readStore } = await import('../runtime/store/store.js');
      return await withResultsNamed(file?.place ?? run, this.#database ?? '', this.#words, (named) =>
        readStore(named.store, (store) => this.#ofRun(store, named.id, file === null ? null : run)),
      );
    } catch (error) {
      return missing(error);
    }
  }

  /** @param bundle that the run is read from, as written */
  async #ofRun(store: Store, word: string, bundle: string | null): Promise<Origin | Missing> {
    const run = await runNamed(store, word);
    const name = bundle ?? run.id;
    if (run.status !== 'complete') {
      return { problem: `${name} is ${run.status}`, hint: 'a layer starts from a run that trained to its end' };
    }
    const final = store.listFiles(run.id, 'weights').find((stored) => stored.name === 'final');
    if (!final) return { problem: `the weights of ${name} were not kept`, hint: null };
    const weights = givenWeights(store.readFile(final));
    return { name, ir: this.#compiled(run.source, name), weights, numerics: run.numerics };
  }

  #compiled(recipe: string, name: string): ExperimentIr | null {
    try {
      const spec = { recipe: parseRecipe(recipe), library: this.#words, seed: 1, backend: 'auto' } as const;
      return prepare(spec, { name }).compiled.ir;
    } catch (error) {
      if (error instanceof Stale) return null;
      throw error;
    }
  }
}

/**
 * Prepares a training of a new trial with what its layers start from.
 * @param database in which runs are looked up; null if there is none
 * @throws as `prepare` and {@link StoredStarts.of}
 */
export async function prepareStarted(spec: TrialSpec, database: string | null): Promise<PreparedTrial> {
  const prepared = prepare(spec);
  const { compiled, recipe, diagnostics } = prepared;
  if (compiled.starts.length === 0) return prepared;
  const { init, warnings } = await new StoredStarts(database, spec.library).of(compiled, spec.init ?? null);
  return { ...prepare({ ...spec, compiled, recipe, init }), diagnostics: [...diagnostics, ...warnings] };
}

/** What is wrong with what an experiment's layers start from, without training it. */
export async function diagnosticsOfStarts(
  compiled: CompiledExperiment,
  database: string | null,
  words: Words,
): Promise<readonly Diagnostic[]> {
  try {
    return (await new StoredStarts(database, words).of(compiled, null)).warnings;
  } catch (error) {
    if (error instanceof ExperimentError) return error.diagnostics;
    throw error;
  }
}

const namesOfRuns = '`aedsl ls` lists the runs; a file of the project is named with its ending: "first.tgz"';

function namesWeights(run: string): boolean {
  return /\.safetensors$/i.test(run);
}

/** What is said of a run or a file that cannot be read. @throws any other error */
function missing(error: unknown): Missing {
  if (error instanceof UsageError || error instanceof BundleError || error instanceof StoreError) {
    return { problem: error.message, hint: error.hint ?? null };
  }
  if (error instanceof SafetensorsError) return { problem: error.message, hint: null };
  throw error;
}

/** Finds a layer by its label, with a head (`z.mu`), or by its place (`encoder.0`). */
function layerNamed({ ir, weights }: Origin, name: string, library: Library): OriginLayer | null {
  const place = name.replaceAll('.', '/');
  const known = (ir === null ? [] : labelledLayers(ir, library)).find(({ label }) => label === name);
  if (known) return known.layer;
  if (ir !== null) return placedLayers(ir).find(({ address }) => address === place) ?? null;
  return addressesOf(weights).includes(place) ? { address: place, node: null } : null;
}

function placedLayers(ir: ExperimentIr): readonly OriginLayer[] {
  const found = (node: LayerNode): readonly OriginLayer[] => [
    ...(node.address === null ? [] : [{ address: node.address, node }]),
    ...Object.values(node.heads).flatMap((nodes) => nodes.flatMap(found)),
  ];
  return [...ir.encoder, ...ir.decoder].flatMap(found);
}

/** The layers with weights by their labels; the label of an activation means the layer before it. */
function labelledLayers(
  ir: ExperimentIr,
  library: Library,
): readonly { readonly label: string; readonly layer: OriginLayer }[] {
  return [ir.encoder, ir.decoder].flatMap((nodes, block) =>
    nodes.flatMap((node, i) => {
      const owner = nodes.findLast((each, j) => j <= i && !knownWord(library, 'layer', each).activation);
      const labels = [...(node.label === null ? [] : [node.label])];
      if (block === 0 && i === nodes.length - 1 && !labels.includes('code')) labels.push('code');
      return labels.flatMap((label) => [
        ...(owner?.address ? [{ label, layer: { address: owner.address, node: owner } }] : []),
        ...Object.entries(node.heads).flatMap(([head, inner]) => {
          const last = inner.at(-1);
          return last?.address ? [{ label: `${label}.${head}`, layer: { address: last.address, node: last } }] : [];
        }),
      ]);
    }),
  );
}

function addressesOf({ values }: GivenWeights): readonly string[] {
  return [...new Set([...values.keys()].map((key) => key.slice(0, Math.max(0, key.lastIndexOf('/')))))];
}

function suggestion(name: string, { ir, weights }: Origin): string {
  const places = addressesOf(weights).map((address) => address.replaceAll('/', '.'));
  const labels = ir === null ? [] : ir.encoder.concat(ir.decoder).flatMap(({ label }) => label ?? []);
  const names = [...new Set([...labels, ...(ir === null ? [] : ['code']), ...places])];
  const meant = closest(name, names);
  return meant === null ? `it has ${someOf(names)}` : `did you mean '${meant}'?`;
}

/** Why a layer can't start from another run's; null if it can. */
function misfitOf(start: StoredStart, { address, node }: OriginLayer, origin: Origin): Missing | null {
  const own = start.label === null ? `'${start.word}'` : `'${start.label}' (${start.word})`;
  const theirs = `'${start.layer}' of ${origin.name}`;
  const heads = Object.keys(node?.heads ?? {});
  if (node !== null && heads.length > 0 && node.weights.length === 0) {
    const names = heads.map((head) => `${start.layer}.${head}`).join(' or ');
    return { problem: `${theirs} (${node.word}) has no weights of its own`, hint: `name one of its layers: ${names}` };
  }
  if (node !== null && node.word !== start.word) {
    return { problem: `${own} cannot start from ${theirs}, which is ${node.word}`, hint: `write a ${node.word} here` };
  }
  const tied = node?.weights.find(({ tiedTo }) => tiedTo !== null)?.tiedTo;
  if (tied) {
    const hint = `name that layer: "${tied.address.replaceAll('/', '.')}"`;
    return { problem: `${theirs} has no weight of its own: it is tied to another layer's`, hint };
  }
  const shapes = new Map<string, Shape>();
  for (const [key, shape] of origin.weights.shapes) {
    const at = key.lastIndexOf('/');
    if (key.slice(0, at) === address) shapes.set(key.slice(at + 1), shape);
  }
  const names = start.weights.map(({ name }) => name);
  const more = [...shapes.keys()].find((name) => !names.includes(name));
  if (more !== undefined)
    return { problem: `${theirs} has a ${more}, and ${own} has none`, hint: `write ${more}=true` };
  for (const weight of start.weights) {
    const shape = shapes.get(weight.name);
    if (shape === undefined) {
      return { problem: `${theirs} has no ${weight.name}, and ${own} has one`, hint: withoutHint(weight) };
    }
    if (!sameShape(shape, weight.shape)) {
      const problem = `the ${weight.name} of ${own} is ${describeShape(weight.shape)}, and that of ${theirs} ${describeShape(shape)}`;
      const way = ({ input, output }: Pick<LayerNode, 'input' | 'output'>) =>
        `from ${describeShape(input)} to ${describeShape(output)}`;
      return { problem, hint: node && `that layer goes ${way(node)}, and this one ${way(start)}` };
    }
  }
  return null;
}

function withoutHint({ name }: Pick<WeightNode, 'name'>): string | null {
  return name === 'bias' ? 'write bias=false' : null;
}

/** As one file, so that equal weights have one hash. */
function asFile(weights: ReadonlyMap<string, { readonly shape: Shape; readonly values: Float32Array }>): GivenWeights {
  const tensors = [...weights].map(([key, { shape, values }]) => ({ name: key.replaceAll('/', '.'), shape, values }));
  return givenWeights(encodeSafetensors(tensors.sort((a, b) => (a.name < b.name ? -1 : 1))));
}
