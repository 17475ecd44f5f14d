/** A file of a published data set. */
export interface PublishedFile {
  /** Without `.gz`. */
  readonly file: string;
  /** SHA-256, hexadecimal, of the unpacked content: recompressed copies are as good. */
  readonly sha256: string;
}

/** A published data set of four IDX files. */
export interface NamedSet {
  readonly name: string;
  /** Shape of one example. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Examples of each class. */
  readonly examples: { readonly train: readonly number[]; readonly test: readonly number[] };
  /** Names given by the set's authors; null for digits. */
  readonly classNames: readonly string[] | null;
  /** Base URLs of the gzipped files, tried in order. */
  readonly mirrors: readonly string[];
  readonly trainImages: PublishedFile;
  readonly trainLabels: PublishedFile;
  readonly testImages: PublishedFile;
  readonly testLabels: PublishedFile;
}

/** The published sets that the package knows. */
export const NAMED_SETS = {
  /** LeCun, Cortes, Burges: The MNIST database of handwritten digits. */
  mnist: {
    name: 'mnist',
    shape: [1, 28, 28],
    classes: 10,
    examples: {
      train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
      test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    },
    classNames: null,
    mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/'],
    trainImages: {
      file: 'train-images-idx3-ubyte',
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    trainLabels: {
      file: 'train-labels-idx1-ubyte',
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    testImages: {
      file: 't10k-images-idx3-ubyte',
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    testLabels: {
      file: 't10k-labels-idx1-ubyte',
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
  /** Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747. */
  fashion_mnist: {
    name: 'fashion_mnist',
    shape: [1, 28, 28],
    classes: 10,
    examples: {
      train: [6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000],
      test: [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000],
    },
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    mirrors: [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/',
    ],
    trainImages: {
      file: 'train-images-idx3-ubyte',
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    trainLabels: {
      file: 'train-labels-idx1-ubyte',
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
    testImages: {
      file: 't10k-images-idx3-ubyte',
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    testLabels: {
      file: 't10k-labels-idx1-ubyte',
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
} as const satisfies Readonly<Record<string, NamedSet>>;
