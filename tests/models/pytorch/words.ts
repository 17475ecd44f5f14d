/** Experiments on drawn digits that have, together, every word that a replay has to know. */
export const everyWord: Readonly<Record<string, string>> = {
  activations: `data digits(take=60, test=20) { center_crop(12) }
  encoder { dense(20, activation=leaky_relu(0.2))  dense(18, activation=elu(0.5))  dense(16, activation=selu)
            dense(14, activation=gelu)  dense(12, activation=gelu(approximate=tanh))  code: dense(8, activation=softplus(2)) }
  decoder { dense(16, activation=silu)  dense(16, activation=mish)  dense(16, activation=tanh)  dense(input.size, activation=sigmoid) }
  loss mae() + 0.01 * l1()
  train sgd(lr=cosine(0.05), momentum=switch(0, 0.9, after=2, unit=steps)) { epochs = 2  batch = 16  clip = norm(0.5) }`,
  images: `data digits(take=60, test=20) { resize(16)  flip(0.5, 0.25)  scale(-1, 1) }
  corrupt salt_and_pepper(warmup(0.4, over=3, unit=steps))
  encoder { conv2d(6, kernel=3, stride=1, padding=1, bias=false)  batch_norm()  relu()  p1: max_pool2d(2)
            conv2d(5, kernel=[3, 2], padding=[1, 0])  layer_norm()  relu()  dropout(0.25)  code: avg_pool2d(3, stride=2, padding=1) }
  decoder { upsample2d(size=[7, 7])  conv_transpose2d(6, kernel=2, activation=relu)  unpool2d(from=p1)
            conv_transpose2d(1, kernel=3, stride=1, padding=1, activation=tanh) }
  loss huber(delta=0.5, reduction=batchmean) + 0.1 * l2(on=p1, reduction=batchmean)
  train adamw(lr=step(0.01, every=2, factor=0.5, unit=steps), weight_decay=0.1) { epochs = 1  batch = 20  clip = value(0.1) }`,
  strides: `data digits(take=40, test=20) { random_crop([20, 24])  random_crop(16)  binarize(stochastic=true) }
  corrupt gaussian(0.3)
  encoder { conv2d(4, kernel=3, stride=2, padding=1, activation=relu)  code: conv2d(3, kernel=2, stride=2) }
  decoder tied(encoder, output=sigmoid)
  loss bce(reduction=batchmean)
  train rmsprop(lr=0.002, momentum=0.5, weight_decay=0.001) { epochs = 2  batch = 16  drop_last = true  shuffle = false }`,
  logits: `data digits(take=60, test=20) { resize(10, method=area)  binarize(0.3)  }
  corrupt { gaussian(0.1)  pepper(0.2)  salt(0.05) }
  encoder { dense(30, activation=relu)  dropout(0.1)  z: reparameterize { mu: dense(4)  logvar: dense(4) } }
  decoder { dense(30, activation=relu)  dense(input.size) }
  loss bce_with_logits(reduction=sum) + kl_gaussian(beta=warmup(1, over=3, unit=steps), free_bits=0.05)
  train adam(lr=exponential(0.01, rate=0.5)) { epochs = 1  batch = 25 }`,
  features: `data digits(take=60, test=20) { resize(8, method=nearest)  standardize()  min_max(0.1, 0.9, clip=true) }
  corrupt { gaussian(0.05)  masking(0.2) }
  encoder { dense(20, activation=sigmoid)  code: dense(10, activation=sigmoid) }
  decoder { dense(20, activation=relu)  batch_norm()  dense(input.size, activation=sigmoid) }
  loss mse(reduction=sum) + kl_sparsity(rho=0.2, beta=0.5, reduction=sum) + contractive(0.1)
  train adam(lr=cosine(0.01), beta1=switch(0.8, 0.9, after=1, unit=steps)) { steps = 7  batch = 16 }`,
  machines: `data digits(take=60, test=20) { center_crop(10)  normalize(mean=0.2, std=0.4) }
  encoder { h1: dense(16, activation=sigmoid)  code: dense(6) }
  decoder mirror(encoder, output=linear)
  pretrain rbm(on=[h1], k=2, lr=0.01, momentum=switch(0.5, 0.9, after=2, unit=steps), weight_decay=0.001, visible_state=sample) { epochs = 1  batch = 16 }
  pretrain rbm(on=[code], lr=0.01) { epochs = 1  batch = 20 }
  loss log_cosh(reduction=batchmean)
  train sgd(lr=0.1, momentum=0.9, nesterov=true) { epochs = 1  batch = 16 }`,
  stacked: `data digits(take=60, test=20) { center_crop(10) }
  encoder { h1: dense(16, activation=sigmoid)  code: dense(6, activation=tanh) }
  decoder tied(encoder, output=sigmoid)
  pretrain autoencoder(on=[h1, code], corrupt=gaussian(0.1), loss=mse(), optimizer=sgd(lr=0.5)) { epochs = 1  batch = 20 }
  loss bce(reduction=sum)
  train adam() { epochs = 1  batch = 16 }`,
  definitions: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(3, kernel=3, stride=2, activation=snake(2))  local()  h1: dense(20, activation=gate)  code: dense(8, activation=attention) }
  decoder { dense(20, activation=gate(0.5), init=transposed(code))  scaled(0.5)  dense(input.size, activation=sigmoid) }
  loss charbonnier(epsilon=warmup(0.1, over=3, unit=steps)) + 0.01 * hoyer() + 0.1 * spread(on=h1) + peaks() + 0.001 * rough()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  target: `data digits(take=60, validation=4, test=20, shuffle_seed=2) { resize(8)  standardize() }
  target digits() { center_crop(10)  min_max(clip=true) }
  corrupt { gaussian(0.1) }
  encoder { flatten()  h1: dense(20, activation=tanh)  code: dense(10, activation=sigmoid) }
  decoder { dense(20, activation=relu)  dense(target.size, activation=sigmoid) }
  pretrain autoencoder(on=[h1], corrupt=masking(0.1), optimizer=sgd(lr=0.1)) { epochs = 1  batch = 20 }
  loss bce(reduction=sum) + closeness()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  shapes: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=3, stride=3, activation=relu, init=he())  flatten()  dense(18, activation=tanh, init=xavier())
            reshape([2, 3, 3])  conv2d(3, kernel=2, init=orthogonal())  flatten()  code: dense(6, init=normal(std=0.1)) }
  decoder { dense(input.size, activation=sigmoid, init=torch())  reshape(input.shape) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  connections: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=[3, 5], padding=[1, 2], activation=relu)  conv2d(4, kernel=3, groups=4, dilation=2, activation=relu)
            code: conv2d(6, kernel=2, stride=2, groups=2, bias=false) }
  decoder { conv_transpose2d(4, kernel=2, stride=2, groups=2, activation=relu, init=transposed(code))
            conv_transpose2d(2, kernel=3, groups=2, dilation=[2, 2], activation=relu)  conv2d(1, kernel=3, padding=1, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  shared: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=3, padding=1)  b: residual { conv2d(4, kernel=3, padding=1, bias=false, constraint=max_norm(0.8))  batch_norm()  relu()  dropout(0.1) }
            max_pool2d(2)  share(b)  dense(16)  h: dense(16, activation=tanh)  share(h)  code: dense(16) }
  decoder { repeat(2, shared=true) { dense(16, activation=relu, frozen=true) }  share(h)  dense(input.size, activation=sigmoid) }
  loss mse() + 0.01 * l2(on=h)
  train adamw(lr=0.01, weight_decay=0.1) { epochs = 1  batch = 20  clip = norm(0.01) }`,
  projected: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=3, stride=2, constraint=unit_norm, activation=relu)  code: dense(6, constraint=max_norm(0.4)) }
  decoder { dense(input.size, activation=sigmoid, constraint=non_negative) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  frozen: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=3, stride=2, frozen=true)  batch_norm(frozen=true)  relu()  dense(20, frozen=true)  batch_norm()
            relu()  code: dense(6) }
  decoder { dense(20, activation=relu, frozen=true)  dense(input.size, activation=sigmoid) }
  loss mse()
  train adamw(lr=0.01, weight_decay=0.1) { epochs = 1  batch = 20  clip = norm(0.01) }`,
  bound: `data digits(take=60, test=20) { center_crop(6)  pad(1, mode=reflect)  pad(1, mode=edge)  pad([1, 1], value=0.2) }
  corrupt salt(0.1)
  encoder { conv2d(4, kernel=3, dilation=2, stride=2, activation=relu)  code: conv2d(6, kernel=2, groups=2) }
  decoder tied(encoder, output=sigmoid)
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  signals: `data digits(take=60, test=20) { center_crop(12) }
  encoder { reshape([12, 12])  conv1d(8, kernel=3, padding=2, dilation=2, activation=relu)  batch_norm()
            conv1d(6, kernel=4, stride=2, groups=2, bias=false, activation=tanh)  layer_norm()  dropout(0.2)  code: dense(9) }
  decoder { dense(30, activation=relu)  reshape([6, 5])  conv_transpose1d(8, kernel=4, stride=2, groups=2, activation=relu)
            conv1d(12, kernel=3, padding=1)  conv_transpose1d(12, kernel=1, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  groups: `data digits(take=60, test=20) { center_crop(12) }
  encoder { conv2d(4, kernel=3, stride=2, padding=1)  group_norm(2)  softmax()  reshape([8, 18])  group_norm(4)  softmax()
            code: dense(9) }
  decoder { dense(30)  group_norm(3)  relu()  dense(input.size, activation=softmax) }
  loss mse(reduction=sum)
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  largest: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias(init=0.1)  reshape([1, 12, 12])  conv2d(4, kernel=3, stride=2, padding=1, activation=abs_topk(2))  code: dense(40, activation=topk(5), init=directions()) }
  decoder { dense(input.size, bias=false, init=transposed(code), constraint=unit_norm(of=outgoing, project_gradient=true)) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20  clip = norm(0.3) }`,
  largest_of_batch: `data digits(take=60, test=20) { center_crop(12) }
  encoder { dense(40)  code: batch_topk(5, momentum=0.2) }
  decoder { dense(input.size, bias=false)  post_bias(init=0.1) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  jumping: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  h: dense(40)  code: jump_relu(threshold=0.05, bandwidth=0.2) }
  decoder { dense(input.size, bias=false, init=transposed(h)) }
  loss mse(reduction=batchmean) + 0.01 * l0() + 0.1 * l0(target=5)
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  gates: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  h: dense(40, bias=false, init=directions())  code: gated() }
  decoder { dense(input.size, bias=false, init=transposed(h)) }
  loss mse() + gate_mse() + 0.001 * gate_l1()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  hardly_moved: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias(start=geometric_median)  code: dense(40, activation=topk(5), init=directions()) }
  decoder { dense(input.size, bias=false, init=transposed(code), constraint=soft_frozen(0.995, of=outgoing, project_gradient=true)) }
  loss mse()
  train adam(lr=0.02) { epochs = 2  batch = 20 }`,
  revived: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  h: dense(40, activation=topk(2))  code: count_dead(steps=1) }
  decoder { dense(input.size, bias=false, init=transposed(h)) }
  loss mse(reduction=batchmean) + 0.1 * auxk(k=9) + 0.001 * auxk(k=30, normalize=false)
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  resampled: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  h: dense(40)  jump_relu(threshold=0.05, bandwidth=0.2)  code: count_dead(steps=1) }
  decoder { dense(input.size, bias=false, init=transposed(h), constraint=unit_norm(of=outgoing)) }
  loss mse(reduction=batchmean) + 0.5 * l1()
  train adam(lr=0.01) { epochs = 2  batch = 20  resample = dead_units(every=3, examples=40) }`,
  controlled: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  h: dense(40)  j: jump_relu(threshold=0.05, bandwidth=0.2)  code: l0_controller(target=8, weight=0.05, rate=0.1) }
  decoder { dense(input.size, bias=false, init=transposed(h)) }
  loss mse(reduction=batchmean) + l0(on=j, controller=code) + 0.1 * l1(decoder=output, controller=code) + 0.01 * tanh_penalty(decoder=output) + 0.01 * tanh_penalty(scale=2, controller=code, reduction=mean)
  train adam(lr=0.01) { epochs = 2  batch = 20 }`,
  nested: `data digits(take=60, test=20) { center_crop(12) }
  encoder { pre_bias()  code: dense(40, activation=topk(5)) }
  decoder tied(encoder, output=linear)
  loss mse() + matryoshka(widths=[4, 10]) + 0.01 * matryoshka(widths=[20], reduction=batchmean)
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  rows: `data digits(take=60, test=20) { center_crop(12) }
  encoder { reshape([12, 12])  conv1d(8, kernel=3, stride=2, activation=relu)  code: conv1d(4, kernel=2, groups=4) }
  decoder tied(encoder, output=sigmoid)
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  conditional: `data digits(take=60, test=20) { center_crop(10) }
  encoder { condition(label)  conv2d(6, kernel=3, stride=3, activation=relu)  z: reparameterize { mu: dense(4)  logvar: dense(4) } }
  decoder { condition(label, embedding=3)  dense(20, activation=relu)  dense(input.size, activation=sigmoid) }
  loss bce(reduction=sum) + kl_gaussian()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  uncertain: `data digits(take=60, test=20) { center_crop(10) }
  encoder { dense(20, activation=tanh)  z: reparameterize { mu: dense(4)  logvar: dense(4) } }
  decoder { dense(50, activation=relu)  reshape([2, 5, 5])  upsample2d(2)
            y: gaussian_head { mu: repeat(2) { conv2d(1, kernel=3, padding=1, activation=sigmoid) }  logvar: spread() } }
  loss gaussian_nll(reduction=sum) + kl_gaussian() + 0.01 * l2(on=y.logvar, reduction=batchmean) + 0.5 * beta_nll() + 0.1 * own_kl()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  one_variance: `data digits(take=60, test=20) { center_crop(10) }
  encoder { code: dense(20, activation=tanh) }
  decoder { gaussian_head { mu: dense(input.size)  logvar: learned(init=-2) } }
  loss gaussian_nll(eps=0.01, reduction=batchmean) + mae(weights=[${Array.from({ length: 100 }, (_, i) => i % 7).join(', ')}])
  train adam(lr=0.1) { epochs = 3  batch = 20 }`,
  columns: `data csv("experiments/data/leaves.csv", label="species", drop=["id"], take=60, test=20, shuffle_seed=1) { standardize() }
  encoder { condition(columns=["species", "length_mm"])  dense(8, activation=relu)  condition(label, embedding=2)  z: reparameterize { mu: dense(2)  logvar: dense(2) } }
  decoder { condition(columns=["length_mm"])  condition(columns=["species"], embedding=3, frozen=true)  condition(label)  dense(8, activation=relu)  dense(input.size) }
  loss mse() + 0.1 * kl_gaussian()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  padded: `data digits(take=60, test=20) { center_crop(14) }
  encoder { conv2d(3, kernel=3)  p1: max_pool2d(3, padding=1)  code: conv2d(2, kernel=2) }
  decoder { conv_transpose2d(3, kernel=2)  unpool2d(from=p1)  conv_transpose2d(1, kernel=3, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  skips: `data digits(take=60, test=20) { center_crop(12) }
  corrupt gaussian(0.2)
  encoder { full: conv2d(3, kernel=3, padding=1, activation=relu)  max_pool2d(2)  add(from=full) { shortcut: conv2d(3, kernel=1, stride=2) }
            half: softplus()  conv2d(4, kernel=3, padding=1)  relu()  dense(12)  z: reparameterize { mu: dense(5)  logvar: dense(5) } }
  decoder { dense(5, activation=tanh)  add(from=z.mu)  add(from=z)  dense(108)  reshape([3, 6, 6])  concat(from=half)  upsample2d(2)
            d: relu()  concat(from=[full, input, d])  conv2d(1, kernel=3, padding=1, activation=sigmoid) }
  loss mse(reduction=sum) + kl_gaussian() + 0.01 * l1(on=half)
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
  residuals: `data digits(take=60, test=20) { center_crop(12) }
  encoder { residual { conv2d(1, kernel=3, padding=1) }  dense(16, activation=sigmoid)
            repeat(2) { residual { dense(16, activation=relu)  dense(16) }  relu() }  h: dense(12, activation=sigmoid)
            residual(shortcut=dense(8, activation=tanh)) { dense(10, activation=gelu)  dense(8) }  silu() }
  decoder { residual { dense(8, activation=relu)  dense(8) }  d: dense(12)  relu()  dense(12)  concat(from=d)  add(from=d) { shortcut: dense(24) }
            dense(input.size, activation=sigmoid) }
  loss mse() + 0.01 * l2()
  train adam(lr=0.01) { epochs = 1  batch = 20 }`,
};

/** What stands before the experiment of that name. */
export const beforeExperiment: Readonly<Record<string, string>> = {
  uncertain: `define loss beta_nll(beta = 0.5) = mean(stop_gradient(exp(beta * output.logvar)) * (output.logvar + (output - target) ** 2 * exp(-output.logvar)))
define block spread() { conv2d(3, kernel=1, bias=false)  batch_norm()  tanh()  dropout(0.1)  conv2d(1, kernel=1) }
define penalty own_kl(on = code) = mean(sum(0.5 * (on.mu ** 2 + expm1(on.logvar) - on.logvar), axis=features))
`,
  target: 'define loss closeness() = 0.1 * mean((output - target) ** 2) + 0.1 * mean(abs(input)) * mean(output ** 2)\n',
  definitions: `define loss charbonnier(epsilon = 0.001 where epsilon >= 0) = mean(sqrt((output - target) ** 2 + epsilon ** 2 + 1e-6))
define penalty hoyer(on = code) = mean(sum(abs(on), axis=features) ** 2 / (sum(on ** 2, axis=features) + 0.01))
define penalty spread(on = code, low = 0.1) = mean(max(low, abs(mean(on, axis=batch) - 0.5 * max(on, axis=batch))))
define loss peaks() = 0.01 * mean(max(abs(output - target), axis=features)) + 0.1 * mean(where(output > 0.5 and target < 0.5, expm1(output), log1p(output))) + mean(where(output > target, 1, 0) * output)
define penalty rough() = mean(abs(output - shift(output, 1, axis=height))) + mean((mean(output, axis=batch) - shift(mean(target, axis=batch), 1, axis=width)) ** 2) + mean(sum(output, axis=features) * mean(output, axis=channels)) + sum(gram(code, output - mean(output, axis=batch)) ** 2)
define activation snake(a = 1 where a > 0) = x + sin(a * x) ** 2 / a
define activation gate(b = 1) = clip(x, -4, 4) * sigmoid(b * x) + 0.1 * erf(cos(x)) * tanh(x) - relu(-x) / 8
define activation attention() = x * exp(x - max(x, axis=features)) / sum(exp(x - max(x, axis=features)), axis=features)
define activation local() = x * softmax(x, axis=channels) + shift(x, 1, axis=width) - 0.5 * shift(mean(x, axis=pixels) * shift(x, -2, axis=height), 1, axis=channels) + var(x, axis=width) + mean(x, axis=features) + sign(x) + stop_gradient(round(x) - x)
define activation scaled(v1 = 1) = where(v1 > 2, -1, x * sqrt(2)) + max(x, 0) + v1 * expm1(min(0, x)) + clip(x, -1, stop_gradient(abs(x))) + where(x > v1, 2, 1)
`,
};
