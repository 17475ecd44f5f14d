"""Prints what the tests of this folder expect. numpy 2.4.6, scikit-image 0.26.0, scikit-learn 1.9.1."""

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler


def image(height, width, a, b, m):
    pixels = [[((i * a + j * b) % m) / (m - 1) for j in range(width)] for i in range(height)]
    return np.array(pixels, dtype=np.float32).astype(np.float64)


def codes(count, first):
    def value(i, c):
        return (i * i * (c + 3) + i * 7 * (c + 1)) % 997 / (250.0 if c == 1 else 100.0)

    rows = [[value(first + n, c) for c in range(4)] for n in range(count)]
    return np.array(rows, dtype=np.float32).astype(np.float64)


def classes(x):
    return (x[:, 0] > 4).astype(int) + 2 * ((x[:, 1] + 0.3 * x[:, 2]) > 3.5).astype(int)


x = image(16, 20, 7, 13, 17)
y = image(16, 20, 5, 3, 11)
darker = (x * 0.75).astype(np.float32).astype(np.float64)
for name, other in [("another", y), ("darker", darker)]:
    similarity = structural_similarity(
        x, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1
    )
    print(name, "ssim", repr(similarity), "psnr", repr(peak_signal_noise_ratio(x, other, data_range=1)))

train, test = codes(120, 0), codes(60, 600)
train_classes, test_classes = classes(train), classes(test)
for k in (1, 3, 5):
    predicted = KNeighborsClassifier(k).fit(train, train_classes).predict(test)
    print("knn", k, (predicted == test_classes).sum(), "of 60")
for ridge in (0.001, 1.0):
    scaler = StandardScaler().fit(train)
    probe = Ridge(alpha=ridge * len(train)).fit(scaler.transform(train), np.eye(4)[train_classes])
    predicted = probe.predict(scaler.transform(test)).argmax(1)
    print("linear probe", ridge, (predicted == test_classes).sum(), "of 60")
for components in (1, 2, 3):
    pca = PCA(components, svd_solver="full").fit(train)
    error = ((test - pca.inverse_transform(pca.transform(test))) ** 2).sum(1).mean()
    print("pca", components, repr(error))


def wide(rows, columns, first):
    """Twenty waves of falling amplitude, and a little that no wave explains."""
    i = np.arange(first, first + rows)[:, None]
    j = np.arange(columns)[None, :]
    values = np.full((rows, columns), 0.5)
    for k in range(20):
        amplitude = (i * (2 * k + 3) * 37 + k * k) % 101 / 101 - 0.5
        values = values + 0.8**k * amplitude * (((j * (k + 1)) % 64) / 32 - 1)
    noise = ((i * i * 13 + j * 29 + i * j * 7) % 97 / 97 - 0.5) * 0.05
    return (values + noise).astype(np.float32).astype(np.float64)


train, test = wide(300, 160, 0), wide(80, 160, 1000)
for components in (5, 12):
    pca = PCA(components, svd_solver="full").fit(train)
    error = ((test - pca.inverse_transform(pca.transform(test))) ** 2).sum(1).mean()
    print("wide pca", components, repr(error))
few, many = wide(60, 1500, 0), wide(40, 1500, 500)
few_classes, many_classes = np.arange(60) * 37 % 101 // 34, np.arange(500, 540) * 37 % 101 // 34
scaler = StandardScaler().fit(few)
probe = Ridge(alpha=0.001 * len(few), solver="svd").fit(scaler.transform(few), np.eye(3)[few_classes])
predicted = probe.predict(scaler.transform(many)).argmax(1)
print("wide linear probe", (predicted == many_classes).sum(), "of 40", [float(c) for c in probe.coef_[:, 7]])
