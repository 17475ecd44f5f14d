import type { FileFormat, UsedExamples } from '../../compiler/library/data-file.js';
import { path, text } from '../../compiler/library/parameter.js';
import { describeTensor, loadTensors } from '../../runtime/datasets/array-dataset.js';
import { describedFile } from '../../runtime/datasets/describe.js';
import type { Dataset } from '../word.js';
import type { ArrayRequest } from './arrays.js';
import { describeFiles, type Named, rangeOf } from './files.js';
import {
  checkedRange,
  givenRange,
  layoutParameter,
  partParameters,
  rangeParameter,
  type Selected,
  selectionOf,
  testSelectionOf,
  usedExamples,
  usedOfUnlabelled,
} from './parts.js';

const parameters = {
  file: path({ doc: 'The file, or several such as `"acts/*.safetensors"`, each with a part of every tensor.' }),
  tensor: text({ doc: 'The training examples, examples first; the only tensor if it is left out.', default: null }),
  labels: text({ doc: 'The tensor of their labels.', default: null }),
  test_tensor: text({ doc: 'The test examples.', default: null }),
  test_labels: text({ doc: 'The tensor of their labels.', default: null }),
  ...partParameters(),
  ...rangeParameter(),
  ...layoutParameter(),
};

interface TensorRequest extends Omit<ArrayRequest, 'array'> {
  /** Tensor name; null if the file holds only one. */
  readonly tensor: string | null;
}

const format: FileFormat<TensorRequest> = {
  areFolders: false,
  names: /\.safetensors$/,
  describe: (request, used, onBytes) =>
    describedFile(used, (parts) => describeTensor(request.path, request.tensor, { ...request, used: parts }, onBytes)),
};

export const safetensors: Dataset<typeof parameters> = {
  family: 'dataset',
  name: 'safetensors',
  version: 1,
  doc:
    'Tensors of one safetensors file: `[n, features]`, `[n, height, width]` or `[n, channels, height, width]`. Bytes are ' +
    'divided by 255, other numbers stay as they are unless `range` says what they lie between. Other tensors of the file may ' +
    'be of any type. Of more than 256 MiB only the examples are read that are used.',
  source: 'https://github.com/huggingface/safetensors',
  parameters,
  example: 'data safetensors("data.safetensors", tensor="x", test=16)',
  mistake: { text: 'data safetensors("no-such-file.safetensors")', code: 'AE701' },
  oracle: 'test:tests/runtime/datasets/safetensors.test.ts',
  describe(args, file) {
    const range = givenRange(args.range);
    if (!range.ok) return range;
    const request = (tensor: string | null, role: 'examples' | 'labels', select: Selected = {}) =>
      ({
        format: 'safetensors',
        path: args.file,
        tensor,
        role,
        ...select,
        ...rangeOf(role === 'examples' ? range.value : null),
        ...(role === 'examples' && args.layout !== null && { layout: args.layout }),
      }) as const;
    const named = (
      argument: string,
      tensor: string | null,
      role: 'examples' | 'labels',
      select: Selected,
      part: UsedExamples | undefined,
    ): Named<TensorRequest> | null =>
      tensor === null ? null : { argument, request: request(tensor, role, select), ...(part && { used: part }) };
    const hasTest = args.test_tensor !== null;
    const used = usedOfUnlabelled(args, hasTest);
    const divided = usedExamples(args, hasTest);
    return describeFiles(
      {
        format,
        examples: {
          argument: args.tensor === null ? 'file' : 'tensor',
          request: request(args.tensor, 'examples'),
          ...(used.train && { used: used.train }),
        },
        labels: named('labels', args.labels, 'labels', selectionOf(args, hasTest), divided.train),
        testExamples: named('test_tensor', args.test_tensor, 'examples', {}, used.test),
        testLabels: named('test_labels', args.test_labels, 'labels', testSelectionOf(args), divided.test),
      },
      args,
      file,
    );
  },
  format,
  load: (args, { placeOf, options: { precision, mostInMemory }, parts }) =>
    loadTensors(
      {
        range: checkedRange(args.range),
        precision,
        mostInMemory,
        layout: args.layout,
        path: placeOf(args.file),
        examples: args.tensor,
        labels: args.labels,
        testExamples: args.test_tensor,
        testLabels: args.test_labels,
      },
      parts,
    ),
};
