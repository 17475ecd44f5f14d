// Functions of one element. Each is a stateless class whose method the compiler inlines into a loop.
import { arg, argF, argP, claim, minI } from './job';
import { constant, cos, erf, exp, expm1, log, log1p, rsqrt, sigmoid, sin, softplus, tanh } from './elementary';
import { Unary, UnaryInteger } from '../operations';

/** Elements per tile, a multiple of 16, so that tiles of bools end on a full vector too. */
const TILE_ELEMENTS: i32 = 8192;

// `p` and `q` are the function's parameters, such as a slope or the ends of an interval, in every lane.
@final @unmanaged class Negate { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.neg(x); } }
@final @unmanaged class Abs { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.abs(x); } }
@final @unmanaged class Sign {
  @inline at(x: v128, p: v128, q: v128): v128 {
    const zero = f32x4.splat(0), one = f32x4.splat(1);
    return v128.or(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), f32x4.splat(-1)));
  }
}
@final @unmanaged class Square { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.mul(x, x); } }
@final @unmanaged class Sqrt { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.sqrt(x); } }
@final @unmanaged class Rsqrt { @inline at(x: v128, p: v128, q: v128): v128 { return rsqrt(x); } }
@final @unmanaged class Reciprocal {
  @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.div(f32x4.splat(1), x); }
}
@final @unmanaged class Floor { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.floor(x); } }
@final @unmanaged class Ceil { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.ceil(x); } }
@final @unmanaged class Round { @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.nearest(x); } }
@final @unmanaged class Relu {
  @inline at(x: v128, p: v128, q: v128): v128 { return f32x4.max(x, f32x4.splat(0)); }
}
@final @unmanaged class Relu6 {
  @inline at(x: v128, p: v128, q: v128): v128 {
    return f32x4.min(f32x4.max(x, f32x4.splat(0)), f32x4.splat(6));
  }
}
@final @unmanaged class LeakyRelu {
  @inline at(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(f32x4.mul(p, x), x, f32x4.lt(x, f32x4.splat(0)));
  }
}
@final @unmanaged class Step {
  @inline at(x: v128, p: v128, q: v128): v128 {
    const y = v128.bitselect(f32x4.splat(1), p, f32x4.gt(x, f32x4.splat(0)));
    return v128.bitselect(y, x, f32x4.eq(x, x));
  }
}
@final @unmanaged class Clip {
  @inline at(x: v128, p: v128, q: v128): v128 {
    const low = v128.bitselect(p, x, f32x4.lt(x, p));
    return v128.bitselect(q, low, f32x4.gt(x, q));
  }
}
@final @unmanaged class Exp { @inline at(x: v128, p: v128, q: v128): v128 { return exp(x); } }
@final @unmanaged class Expm1 { @inline at(x: v128, p: v128, q: v128): v128 { return expm1(x); } }
@final @unmanaged class Log { @inline at(x: v128, p: v128, q: v128): v128 { return log(x); } }
@final @unmanaged class Log1p { @inline at(x: v128, p: v128, q: v128): v128 { return log1p(x); } }
@final @unmanaged class Sigmoid { @inline at(x: v128, p: v128, q: v128): v128 { return sigmoid(x); } }
@final @unmanaged class Tanh { @inline at(x: v128, p: v128, q: v128): v128 { return tanh(x); } }
@final @unmanaged class Softplus { @inline at(x: v128, p: v128, q: v128): v128 { return softplus(x); } }
@final @unmanaged class Erf { @inline at(x: v128, p: v128, q: v128): v128 { return erf(x); } }
@final @unmanaged class Sin { @inline at(x: v128, p: v128, q: v128): v128 { return sin(x); } }
@final @unmanaged class Cos { @inline at(x: v128, p: v128, q: v128): v128 { return cos(x); } }
@final @unmanaged class Elu {
  @inline at(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(x, expm1(x), f32x4.ge(x, f32x4.splat(0)));
  }
}
@final @unmanaged class Selu {
  @inline at(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(f32x4.mul(constant(64), x), f32x4.mul(constant(65), expm1(x)), f32x4.ge(x, f32x4.splat(0)));
  }
}

@final @unmanaged class NegateInt { @inline at(x: v128, p: v128, q: v128): v128 { return i32x4.neg(x); } }
@final @unmanaged class AbsInt { @inline at(x: v128, p: v128, q: v128): v128 { return i32x4.abs(x); } }
@final @unmanaged class SquareInt { @inline at(x: v128, p: v128, q: v128): v128 { return i32x4.mul(x, x); } }
@final @unmanaged class SignInt {
  @inline at(x: v128, p: v128, q: v128): v128 {
    return i32x4.max_s(i32x4.splat(-1), i32x4.min_s(i32x4.splat(1), x));
  }
}
@final @unmanaged class ClipInt {
  @inline at(x: v128, p: v128, q: v128): v128 { return i32x4.min_s(q, i32x4.max_s(p, x)); }
}

function map<T>(x: usize, y: usize, n: i32, p: v128, q: v128): void {
  const f = changetype<T>(0);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, t + TILE_ELEMENTS) << 2;
    for (let i = <usize>t << 2; i < end; i += 16) v128.store(y + i, f.at(v128.load(x + i), p, q));
  }
}

/** Arguments: function, n, X, Y, and two parameters. */
export function unaryFloat(): void {
  const n = arg(1), x = argP(2), y = argP(3), p = f32x4.splat(argF(4)), q = f32x4.splat(argF(5));
  switch (arg(0)) {
    case Unary.Negate: map<Negate>(x, y, n, p, q); break;
    case Unary.Abs: map<Abs>(x, y, n, p, q); break;
    case Unary.Sign: map<Sign>(x, y, n, p, q); break;
    case Unary.Square: map<Square>(x, y, n, p, q); break;
    case Unary.Sqrt: map<Sqrt>(x, y, n, p, q); break;
    case Unary.Rsqrt: map<Rsqrt>(x, y, n, p, q); break;
    case Unary.Reciprocal: map<Reciprocal>(x, y, n, p, q); break;
    case Unary.Floor: map<Floor>(x, y, n, p, q); break;
    case Unary.Ceil: map<Ceil>(x, y, n, p, q); break;
    case Unary.Round: map<Round>(x, y, n, p, q); break;
    case Unary.Relu: map<Relu>(x, y, n, p, q); break;
    case Unary.Relu6: map<Relu6>(x, y, n, p, q); break;
    case Unary.LeakyRelu: map<LeakyRelu>(x, y, n, p, q); break;
    case Unary.Step: map<Step>(x, y, n, p, q); break;
    case Unary.Clip: map<Clip>(x, y, n, p, q); break;
    case Unary.Exp: map<Exp>(x, y, n, p, q); break;
    case Unary.Expm1: map<Expm1>(x, y, n, p, q); break;
    case Unary.Log: map<Log>(x, y, n, p, q); break;
    case Unary.Log1p: map<Log1p>(x, y, n, p, q); break;
    case Unary.Sigmoid: map<Sigmoid>(x, y, n, p, q); break;
    case Unary.Tanh: map<Tanh>(x, y, n, p, q); break;
    case Unary.Softplus: map<Softplus>(x, y, n, p, q); break;
    case Unary.Erf: map<Erf>(x, y, n, p, q); break;
    case Unary.Sin: map<Sin>(x, y, n, p, q); break;
    case Unary.Cos: map<Cos>(x, y, n, p, q); break;
    case Unary.Elu: map<Elu>(x, y, n, p, q); break;
    case Unary.Selu: map<Selu>(x, y, n, p, q); break;
    default: unreachable();
  }
}

/** Arguments: function, n, X, Y, and two parameters. */
export function unaryInt(): void {
  const n = arg(1), x = argP(2), y = argP(3), p = i32x4.splat(arg(4)), q = i32x4.splat(arg(5));
  switch (arg(0)) {
    case UnaryInteger.Negate: map<NegateInt>(x, y, n, p, q); break;
    case UnaryInteger.Abs: map<AbsInt>(x, y, n, p, q); break;
    case UnaryInteger.Sign: map<SignInt>(x, y, n, p, q); break;
    case UnaryInteger.Square: map<SquareInt>(x, y, n, p, q); break;
    case UnaryInteger.Clip: map<ClipInt>(x, y, n, p, q); break;
    default: unreachable();
  }
}

/** Arguments: n, X, Y (bools): logical not. */
export function logicalNot(): void {
  const n = arg(0), x = argP(1), y = argP(2), one = i8x16.splat(1);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, t + TILE_ELEMENTS);
    for (let p = <usize>t; p < end; p += 16) v128.store(y + p, v128.xor(v128.load(x + p), one));
  }
}
