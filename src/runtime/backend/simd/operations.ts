// Operation numbers shared by host and kernels. Compiled twice, by TypeScript and by AssemblyScript, so that the two
// cannot disagree.

export enum Operation {
  Trap,
  Matmul,
  UnaryFloat,
  UnaryInt,
  Classify,
  BinaryFloat,
  BinaryInt,
  CompareFloat,
  CompareInt,
  LogicalBytes,
  LogicalNot,
  Select,
  Cast,
  Fill,
  Copy,
  Reduce,
  ArgReduce,
  Cumulate,
  SoftmaxRows,
  Gather,
  ScatterRows,
  OneHot,
  Ramp,
  Conv2D,
  Conv2DInputGradient,
  Conv2DFilterGradient,
  MaxPool,
  MaxPoolGradient,
  AveragePool,
  AveragePoolGradient,
  BatchNorm,
  ActivationGradient,
  Loss,
  LossGradient,
  Optimizer,
  Sparsity,
  SparsityGradient,
  RandomNumbers,
  LookUp,
  GaussianDivergence,
  GaussianDivergenceGradient,
  ReparameterizeGradient,
  TopK,
  KeepLargest,
}

/** Float32 functions of one element. */
export enum Unary {
  Negate,
  Abs,
  Sign,
  Square,
  Sqrt,
  Rsqrt,
  Reciprocal,
  Floor,
  Ceil,
  Round,
  Relu,
  Relu6,
  LeakyRelu,
  Step,
  Clip,
  Exp,
  Expm1,
  Log,
  Log1p,
  Sigmoid,
  Tanh,
  Softplus,
  Erf,
  Sin,
  Cos,
  Elu,
  Selu,
}

/** Int32 functions of one element. */
export enum UnaryInteger {
  Negate,
  Abs,
  Sign,
  Square,
  Clip,
}

/** Float32 tests of one element, with a bool as result. */
export enum Class {
  NaN,
  Infinite,
  Finite,
}

/** Functions of two elements, of float32 or of int32. */
export enum Binary {
  Add,
  Subtract,
  Multiply,
  Divide,
  Maximum,
  Minimum,
  SquaredDifference,
  FloorDivide,
  Modulo,
  Power,
  Prelu,
  EluGrad,
  BitwiseAnd,
}

/** Comparisons, with a bool as result. */
export enum Comparison {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
}

export enum Logical {
  And,
  Or,
}

export enum Element {
  Float32,
  Int32,
  Bool,
}

export enum Reduction {
  Sum,
  Mean,
  Product,
  Maximum,
  Minimum,
  All,
  Any,
}

/** Activations that the epilogue of a multiplication or convolution can apply. */
export enum Activation {
  Linear,
  Relu,
  Relu6,
  Elu,
  LeakyRelu,
  Sigmoid,
  Tanh,
  Prelu,
}

/** Element-wise losses of a prediction and its target. */
export enum Loss {
  SquaredError,
  CrossEntropy,
  CrossEntropyOfLogits,
  /** Uses the prediction only; the target is not read. */
  Square,
}

export enum Optimizer {
  Adam,
  AdamW,
  Sgd,
  RmsProp,
  Momentum,
}

export enum Distribution {
  Uniform,
  Normal,
  Bernoulli,
  BernoulliEach,
  Reparameterized,
  Replaced,
  Disturbed,
  Integers,
}
