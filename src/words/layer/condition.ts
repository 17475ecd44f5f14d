import { conditionSize, type DataCondition } from '../../compiler/ir/experiment.js';
import { closed, realLine, union } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { choice, integer, list } from '../../compiler/library/parameter.js';
import { type DataConditions, failed, noConditions, ok, type Result } from '../../compiler/library/word.js';
import { call, literal, plain } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  on: choice({
    doc: 'What is joined: `label`, the class of the example.',
    options: ['label'],
    default: 'label',
  }),
  columns: list({
    of: 'text',
    namesColumn: true,
    doc:
      'Columns of a table that are joined in place of the class: a number as the transforms of the data make it, a text as a 1 ' +
      'for its category and a 0 for each other. They are no features.',
    default: null,
  }),
  embedding: integer({
    doc:
      'Values of a vector that is learnt for each class, or each category of the only column, in place of one-hot: a row of a ' +
      'weight `[classes, values]`, which starts from N(0, 1).',
    unit: 'values',
    peers: ['embedding_dim', 'output_dim'],
    default: null,
  }),
  frozen: frozen(),
};

function classesOf({ classes, isTestUnlabelled, conditions }: DataConditions): Result<number> {
  if (classes !== null && isTestUnlabelled === true) {
    return failed('AE526', 'a condition is the class of an example, and the test examples have no labels', {
      hint: 'give them some, as test_labels= does for arrays, and folders of classes for pictures',
    });
  }
  if (classes !== null) return ok(classes);
  return failed('AE526', 'a condition is the class of an example, and the data has no labels', {
    hint:
      conditions.length > 0
        ? 'condition(columns=["age"]) takes columns of the table; csv(…, label="species") names its classes'
        : 'name them where the data set is named: npy(…, labels="labels.npy"), csv(…, label="species")',
  });
}

function sizeOf(columns: readonly string[], data: DataConditions): Result<number> {
  if (columns.length === 0) return failed('AE526', 'a condition needs a column', { argument: 'columns' });
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) return failed('AE526', `the column '${twice}' is given twice`, { argument: 'columns' });
  const known = conditionsNamed(columns, data);
  const absent = columns.find((name) => known.every((one) => one.name !== name));
  if (absent === undefined) return ok(known.reduce((sum, column) => sum + conditionSize(column), 0));
  return failed('AE526', `the column '${absent}' is no condition of the data`, {
    argument: 'columns',
    hint: `in a block the data set names it too: csv(…, condition=["${absent}"])`,
  });
}

/** In the order in which they are named. */
function conditionsNamed(columns: readonly string[], { conditions }: DataConditions): readonly DataCondition[] {
  return columns.flatMap((name) => conditions.find((column) => column.name === name) ?? []);
}

/** What it joins, before it is embedded. */
function givenSize(columns: readonly string[] | null, data: DataConditions): Result<number> {
  return columns === null ? classesOf(data) : sizeOf(columns, data);
}

function embeddingProblem(columns: readonly string[], data: DataConditions): Result<never> | null {
  const known = conditionsNamed(columns, data);
  const number = known.find(({ categories }) => categories === null);
  if (number !== undefined) {
    return failed('AE526', `an embedding is of categories, and the column '${number.name}' has numbers`, {
      hint: `write condition(columns=["${number.name}"]) without it`,
    });
  }
  if (known.length < 2) return null;
  const [first, second] = known.map(({ name }) => `condition(columns=["${name}"], embedding=…)`);
  return failed('AE526', 'an embedding is of one column, so that each has vectors of its own', {
    hint: `write ${first}  ${second}`,
  });
}

export const condition: Layer<typeof parameters> = {
  family: 'layer',
  name: 'condition',
  peers: ['one_hot', 'Conditional', 'conditional'],
  version: 1,
  doc:
    'Joins the class of the example to what comes from below: features get one more for each class, which is 1 for the ' +
    'example’s own and 0 for the others; images get as many planes of 1 or 0, signals as many channels. The data needs labels, in training and ' +
    'wherever the model is used. `columns` joins columns of a table instead, which are then no features. With `embedding` each class ' +
    'or category has a vector that is learnt, as in PyTorch’s `nn.Embedding`. ' +
    '[Conditional models](../conditions.md) says how to draw and walk by class or column.',
  source:
    'Sohn, Lee and Yan, Learning structured output representation using deep conditional generative models, NIPS 2015',
  parameters,
  example: `encoder { flatten()  condition(label)  dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  decoder { condition(label)  dense(64, activation=relu)  dense(input.size, activation=sigmoid) }
  loss bce(reduction=sum) + kl_gaussian()`,
  mistake: {
    text: `encoder { dense(32)  condition(label)  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
    code: 'AE505',
  },
  oracle: 'golden:cvae',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  condition: ({ columns }) => columns ?? 'class',
  takesColumns: 'columns',
  alternatives: ['on', 'columns'],
  memory: { forward: 2, backward: 1 },
  shape({ columns, embedding }, input, _heads, _named, data = noConditions) {
    const size = givenSize(columns, data);
    if (!size.ok) return size;
    const wrong = embedding === null || columns === null ? null : embeddingProblem(columns, data);
    if (wrong !== null) return wrong;
    const [first = 0, ...others] = input;
    return ok([first + (embedding ?? size.value), ...others]);
  },
  weights({ columns, embedding }, _input, data = noConditions) {
    const size = givenSize(columns, data);
    if (embedding === null || !size.ok) return {};
    // As nn.Embedding starts.
    return {
      weight: { shape: [size.value, embedding], trainable: true, initial: { kind: 'normal', mean: 0, std: 1 } },
    };
  },
  range({ columns, embedding }, input, _named, _heads, data = noConditions) {
    if (embedding !== null) return realLine;
    if (columns === null) return union(input, closed(0, 1));
    return conditionsNamed(columns, data).reduce((all, { range }) => union(all, range), input);
  },
  opposite: ({ columns }) =>
    failed('AE505', 'what a condition joined cannot be rebuilt', {
      hint:
        columns === null
          ? 'write the decoder out; a decoder that is to know the class begins with condition(label)'
          : 'write the decoder out; a decoder that is to know the columns begins with condition(columns=[…])',
    }),
  lower: ({ broadcastTo, concat, matMul, reshape, weightOf }) => ({
    forward({ embedding }, input, context) {
      const given = context.condition();
      // A product with one-hot rows picks rows, and its gradient adds up those of a class in the order of the batch.
      const classes = embedding === null ? given : matMul(given, weightOf(context, 'weight'));
      // Images and signals have their channels last.
      const [batch = 0, ...others] = input.shape;
      const places = others.slice(0, -1);
      const known = classes.shape[1] ?? 0;
      const planes = reshape(classes, [batch, ...places.map(() => 1), known]);
      return concat([input, broadcastTo(planes, [batch, ...places, known])], input.rank - 1);
    },
  }),
  onnx: {
    output({ embedding }, x, place) {
      const { condition, constant, integers, node, weight } = place;
      const {
        input: [first = 0],
        output: [all = 0, ...places],
      } = place;
      const known = all - first;
      const classes =
        embedding === null ? condition() : node('Gemm', [condition(), weight('weight')], { transB: { int: 0 } });
      if (places.length === 0) return node('Concat', [x, classes], { axis: { int: 1 } });
      const ones = constant(new Float32Array(known * elementCount(places)).fill(1), [known, ...places]);
      const planes = node('Reshape', [classes, integers([-1, known, ...places.map(() => 1)])]);
      return node('Concat', [x, node('Mul', [ones, planes])], { axis: { int: 1 } });
    },
  },
  pytorch: {
    code({ embedding }, { input: [first = 0], output: [all = 0], condition, module, weights }) {
      const isValues = condition !== null && 'values' in condition;
      if (embedding === null) {
        return plain((x) =>
          isValues ? call('with_values', [x, condition.values]) : call('with_class', [x, 'c', literal(all - first)]),
        );
      }
      const [categories = 0] = weights.weight ?? [];
      const table = module(call('nn.Embedding', [literal(categories), literal(embedding)]));
      const numbers = isValues ? `${condition.values}.argmax(1)` : 'c';
      return { ...table, output: (x) => call('with_values', [x, table.output(numbers)]) };
    },
    definition: `
def with_class(x, c, classes):
    """The class, one-hot, joins the features, or becomes planes of the image."""
    return with_values(x, F.one_hot(c, classes).to(x.dtype))


def with_values(x, c):
    """Values of each example join the features, or become planes of the image."""
    c = c.reshape(*c.shape, *[1] * (x.dim() - 2))
    return torch.cat([x, c.expand(-1, -1, *x.shape[2:])], 1)`,
  },
};
