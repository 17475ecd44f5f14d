/** The functions that `batch_of` is written with; images are `[batch, channels, height, width]`, all values float32, or float64 where
 * the examples are kept in it. */
export const transformDefinitions: readonly (readonly string[])[] = [
  `
def raw_values(indices):
    """Pixels are byte / 255; other numbers are themselves."""
    stored = EXAMPLES[indices]
    return stored if stored.dtype.kind == "f" else (np.arange(256) / 255).astype(np.float32)[stored]`,
  `
def center_crop(x, size):
    top, left = ((x.shape[2] - size[0]) // 2, (x.shape[3] - size[1]) // 2)
    return x[:, :, top : top + size[0], left : left + size[1]]`,
  `
def random_crop(x, size, row_stream, column_stream, step):
    tops = integers(row_stream, step, len(x), x.shape[2] - size[0] + 1)
    lefts = integers(column_stream, step, len(x), x.shape[3] - size[1] + 1)
    return np.stack([image[:, r : r + size[0], c : c + size[1]] for image, r, c in zip(x, tops, lefts)])`,
  `
def flip(x, horizontal_stream, horizontal, vertical_stream, vertical, step):
    x = x.copy()
    for stream, p, axis in ((horizontal_stream, horizontal, 3), (vertical_stream, vertical, 2)):
        if p > 0:
            mirrored = uniform(stream, step, (len(x),)) < np.float32(p)
            x[mirrored] = np.flip(x[mirrored], axis)
    return x`,
  `
def places(old, new):
    """For each new pixel the two old ones between whose centres it lies, and their weights."""
    at = np.maximum(0, ((2 * np.arange(new) + 1) * old - new) / (2 * new))
    first = np.minimum(np.floor(at).astype(int), old - 1)
    far = np.minimum(1, at - first).astype(np.float32)
    return first, np.minimum(first + 1, old - 1), np.float32(1) - far, far`,
  `
def resize_bilinear(x, size):
    first, second, near, far = places(x.shape[3], size[1])
    x = near * x[:, :, :, first] + far * x[:, :, :, second]
    first, second, near, far = places(x.shape[2], size[0])
    return near[:, None] * x[:, :, first] + far[:, None] * x[:, :, second]`,
  `
def resize_nearest(x, size):
    rows = np.arange(size[0]) * x.shape[2] // size[0]
    columns = np.arange(size[1]) * x.shape[3] // size[1]
    return x[:, :, rows][:, :, :, columns]`,
  `
def resize_area(x, size):
    """The mean of the pixels that a new one covers, summed in float64 row by row."""
    result = np.empty((*x.shape[:2], *size), np.float32)
    for i in range(size[0]):
        rows = range(i * x.shape[2] // size[0], -(-(i + 1) * x.shape[2] // size[0]))
        for j in range(size[1]):
            columns = range(j * x.shape[3] // size[1], -(-(j + 1) * x.shape[3] // size[1]))
            total = np.zeros(x.shape[:2])
            for r in rows:
                for c in columns:
                    total = total + x[:, :, r, c]
            result[:, :, i, j] = total / (len(rows) * len(columns))
    return result`,
  `
def binarize(x, threshold):
    return (x >= threshold).astype(np.float32)`,
  `
def standardize(x, mean, std):
    return (x - mean) / np.where(std == 0, np.float32(1), std)`,
  `
def min_max(x, least, greatest, low, high, clip):
    width = np.where(greatest == least, np.float32(1), greatest - least)
    mapped = low + (high - low) * ((x - least) / width)
    return np.clip(mapped, low, high) if clip else mapped`,
].map((text) => text.split('\n'));
