// The geometry of a convolution or pooling over images [batch, height, width, channels].
import { arg } from './job';

/** Number of arguments that describe the geometry; the job's other arguments follow. */
export const GEOMETRY: i32 = 15;

@inline export function batchSize(): i32 { return arg(0); }
@inline export function inHeight(): i32 { return arg(1); }
@inline export function inWidth(): i32 { return arg(2); }
@inline export function inChannels(): i32 { return arg(3); }
@inline export function outHeight(): i32 { return arg(4); }
@inline export function outWidth(): i32 { return arg(5); }
@inline export function outChannels(): i32 { return arg(6); }
@inline export function filterHeight(): i32 { return arg(7); }
@inline export function filterWidth(): i32 { return arg(8); }
@inline export function strideHeight(): i32 { return arg(9); }
@inline export function strideWidth(): i32 { return arg(10); }
@inline export function dilationHeight(): i32 { return arg(11); }
@inline export function dilationWidth(): i32 { return arg(12); }
@inline export function padTop(): i32 { return arg(13); }
@inline export function padLeft(): i32 { return arg(14); }
