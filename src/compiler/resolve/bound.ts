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
  TrainStatement,
} from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';

/**
 * An experiment with everything it inherits in one place. It is known that parents exist and do not go in a circle,
 * that no name is declared twice, and that every statement that must be there is there.
 */
export interface BoundExperiment {
  readonly name: Identifier;
  /** The file it stands in. */
  readonly source: Source;
  /** Every file that was read for it, its own first. */
  readonly sources: readonly Source[];
  readonly params: ReadonlyMap<string, ParamStatement>;
  /** Params that its own text declares; the others are inherited. */
  readonly ownParams: ReadonlySet<string>;
  readonly lets: ReadonlyMap<string, LetStatement>;
  readonly data: DataStatement;
  readonly corrupt: CorruptStatement | null;
  readonly encoder: EncoderStatement;
  readonly decoder: DecoderStatement;
  readonly loss: LossStatement | null;
  readonly pretrain: readonly PretrainStatement[];
  readonly train: TrainStatement | null;
  readonly show: ShowStatement | null;
  readonly evaluate: EvaluateStatement | null;
  readonly sweep: SweepStatement | null;
  /** Whether the sweep is a parent's, which may vary what this experiment has no use for. */
  readonly inheritsSweep: boolean;
}

/** `rho=0.05`, from the command line or an axis of a sweep: takes the place of the param's default. */
export interface Assignment {
  readonly name: Identifier;
  readonly value: Expression;
}
