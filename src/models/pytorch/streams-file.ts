/**
 * `streams.py`: a training's random numbers in NumPy, bit for bit. The keys are in `train.py`; the rest is Philox and
 * the distributions of `src/runtime/random/random.md`.
 */
export const streamsFile = `"""aedsl's random numbers: each is a function of a key, a step and an index (Philox4x32-10, Salmon et al. 2011)."""

import numpy as np

LOW = np.uint64(0xFFFFFFFF)


def words(key, step, first, count):
    """Four 32-bit words for each of the blocks first ... first + count - 1 of a step: [count, 4]."""
    block = np.arange(first, first + count, dtype=np.uint64)
    x0, x1 = block & LOW, block >> np.uint64(32)
    x2 = np.full(count, step & 0xFFFFFFFF, np.uint64)
    x3 = np.full(count, step >> 32, np.uint64)
    key0, key1 = key
    for _ in range(10):
        product0 = x0 * np.uint64(0xD2511F53)
        product1 = x2 * np.uint64(0xCD9E8D57)
        x0 = (product1 >> np.uint64(32)) ^ x1 ^ np.uint64(key0)
        x2 = (product0 >> np.uint64(32)) ^ x3 ^ np.uint64(key1)
        x1, x3 = product1 & LOW, product0 & LOW
        key0, key1 = (key0 + 0x9E3779B9) & 0xFFFFFFFF, (key1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([x0, x1, x2, x3], axis=1)


def unit(words):
    """The upper 24 bits as a fraction."""
    return (words >> np.uint64(8)).astype(np.float32) * np.float32(2**-24)


def uniform(key, step, shape):
    """Multiples of 2^-24 in [0, 1)."""
    size = int(np.prod(shape))
    return unit(words(key, step, 0, -(-size // 4)).reshape(-1)[:size]).reshape(shape)


def normal(key, step, shape):
    """Mean 0, standard deviation 1 (Box and Muller 1958)."""
    size = int(np.prod(shape))
    w = words(key, step, 0, -(-size // 4)).reshape(-1, 2)
    u = ((w[:, 0] >> np.uint64(8)) + np.uint64(1)).astype(np.float32) * np.float32(2**-24)
    radius = np.sqrt(np.float32(-2) * log(u))
    sine, cosine = sine_and_cosine_of_turns(unit(w[:, 1]))
    return np.stack([radius * cosine, radius * sine], axis=1).reshape(-1)[:size].reshape(shape)


def scaled(high, low, below):
    """Of a 64-bit number, the integer part of below times its fraction of 2^64."""
    below = np.uint64(below) if np.isscalar(below) else below
    return (high * below + ((low * below) >> np.uint64(32))) >> np.uint64(32)


def integers(key, step, count, below):
    """Integers in [0, below)."""
    w = words(key, step, 0, -(-count // 2)).reshape(-1, 2)[:count]
    return scaled(w[:, 0], w[:, 1], below).astype(int)


def permutation(key, count, step):
    """A permutation of 0 ... count - 1 (Fisher and Yates, inside out)."""
    w = words(key, step, 0, -(-count // 2)).reshape(-1, 2)[:count]
    places = scaled(w[:, 0], w[:, 1], np.arange(1, count + 1, dtype=np.uint64)).tolist()
    order = [0] * count
    for i, j in enumerate(places):
        order[i] = order[j]
        order[j] = i
    return np.array(order)


# Elementary functions in float32 with a rounding after each operation; libm's differ in the last bit.


def horner(z, *coefficients):
    value = np.float32(coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * z + np.float32(coefficient)
    return value


def log(u):
    """The natural logarithm of normal numbers in (0, 1]."""
    offset = u.view(np.int32) - np.int32(0x3F3504F3)
    k = (offset >> 23).astype(np.float32)
    f = ((offset & 0x7FFFFF) + np.int32(0x3F3504F3)).view(np.float32) - np.float32(1)
    s = f / (np.float32(2) + f)
    z = s * s
    remainder = horner(z, 0.2987146, 0.39977568, 0.66666776) * z
    half_square = np.float32(0.5) * f * f
    low = k * np.float32(-2.1219444e-4) + np.float32(0)
    tail = s * (half_square + remainder) + low
    return k * np.float32(0.693359375) + (f - (half_square - tail))


def sine_and_cosine_of_turns(u):
    """sin and cos of 2 pi u, for u in [0, 1)."""
    quarters = np.float32(4) * u
    q = np.rint(quarters)
    f = quarters - q
    z = f * f
    sine = f * horner(z, -0.0046859714, 0.079712525, -0.64596665, 1.5707964)
    cosine = z * horner(z, 0.00089447346, -0.020855594, 0.25366855, -1.2337005) + np.float32(1)
    turned = q.astype(np.int32)
    odd = (turned & 1) == 1
    s = np.where(odd, cosine, sine)
    c = np.where(odd, sine, cosine)
    return np.where(turned & 2, -s, s), np.where((turned + 1) & 2, -c, c)
`;
