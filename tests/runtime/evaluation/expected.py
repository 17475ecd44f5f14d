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
