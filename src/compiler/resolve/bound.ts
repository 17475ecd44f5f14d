import type {
  CorruptStatement,
  DataStatement,
  DecoderStatement,
  EncoderStatement,
  EvaluateStatement,
  Expression,
  Identifier,
  LetStatement,
  LossStatement,
  ParamStatement,
  PretrainStatement,
  ShowStatement,
  SweepStatement,
  TargetStatement,
  TrainStatement,
} from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import type { VisibleDefinitions } from './definitions.js';

/**
 * An experiment merged with everything it inherits. Its parents are known to exist without cycles, no name is declared
 * twice, and all required statements are present.
 */
export interface BoundExperiment {
  readonly name: Identifier;
  /** File that contains it. */
  readonly source: Source;
  /** Every file read for it, its own first. */
  readonly sources: readonly Source[];
  /** The definitions that its statements may use. */
  readonly definitions: VisibleDefinitions;
  readonly params: ReadonlyMap<string, ParamStatement>;
  /** Params declared in its own text; the others are inherited. */
  readonly ownParams: ReadonlySet<string>;
  readonly lets: ReadonlyMap<string, LetStatement>;
  readonly data: DataStatement;
  /** Null if the decoder is to give the input. */
  readonly target: TargetStatement | null;
  readonly corrupt: CorruptStatement | null;
  readonly encoder: EncoderStatement;
  readonly decoder: DecoderStatement;
  readonly loss: LossStatement | null;
  readonly pretrain: readonly PretrainStatement[];
  readonly train: TrainStatement | null;
  readonly show: ShowStatement | null;
  readonly evaluate: EvaluateStatement | null;
  readonly sweep: SweepStatement | null;
  /** Whether the sweep is inherited, and may vary params that this experiment doesn't use. */
  readonly inheritsSweep: boolean;
}

/** `rho=0.05`, from the command line or a sweep axis: overrides the param's default. */
export interface Assignment {
  readonly name: Identifier;
  readonly value: Expression;
}
