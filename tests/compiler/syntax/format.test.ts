import { describe, expect, it } from 'vitest';
import { format } from '../../../src/compiler/syntax/format.js';

/** What comes of a text, and of what comes of it. */
function check(text: string, expected: string): void {
  expect(format({ path: 'test.ae', text }).value).toBe(expected);
  expect(format({ path: 'test.ae', text: expected }).value).toBe(expected);
}

describe('layout', () => {
  it('two spaces deep, one statement a line, one empty line at most', () => {
    check(
      `experiment   a
extends b {
      data mnist( take = 50000 ) {
   random_crop(10) normalize( mean=0.1, )  }


  loss mse()+0.5*l1( on=code )
}`,
      `experiment a extends b {
  data mnist(take=50000) {
    random_crop(10)
    normalize(mean=0.1)
  }

  loss mse() + 0.5 * l1(on=code)
}
`,
    );
  });

  it('no empty lines at the ends of a block', () => {
    check(
      `

experiment a {

  encoder {

    dense(3)

    dense(4)

  }

}


experiment b {

}

`,
      `experiment a {
  encoder {
    dense(3)

    dense(4)
  }
}

experiment b {}
`,
    );
  });

  it('a block on one line stays there, two spaces between the items', () => {
    check(
      'experiment a{train adam(lr=0.1){epochs=15 batch=32}show{filters(code) reconstructions(16)}}\n',
      'experiment a { train adam(lr=0.1) { epochs = 15  batch = 32 }  show { filters(code)  reconstructions(16) } }\n',
    );
    check('experiment a extends b { loss mse() }', 'experiment a extends b { loss mse() }\n');
  });

  it('a block on one line that is too long is broken', () => {
    check(
      `experiment a {
  train adam(lr=0.1) { epochs = 15 batch = 32 stop = early(patience=3) clip = norm(1.0) keep = best shuffle = true }
}`,
      `experiment a {
  train adam(lr=0.1) {
    epochs = 15
    batch = 32
    stop = early(patience=3)
    clip = norm(1.0)
    keep = best
    shuffle = true
  }
}
`,
    );
  });

  it('arguments and lists that are too long are broken, with a comma after the last', () => {
    check(
      `experiment a {
  train adam(learning_rate=cosine(0.1, 0.001, after=100), betas=[0.9, 0.999], weight_decay=0.00001, epsilon=0.00001) { epochs = 3 }
  param axis = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0]
}`,
      `experiment a {
  train adam(
    learning_rate=cosine(0.1, 0.001, after=100),
    betas=[0.9, 0.999],
    weight_decay=0.00001,
    epsilon=0.00001,
  ) { epochs = 3 }
  param axis = [
    0.0001,
    0.0003,
    0.001,
    0.003,
    0.01,
    0.03,
    0.1,
    0.3,
    1.0,
    3.0,
    10.0,
    30.0,
    100.0,
    300.0,
    1000.0,
  ]
}
`,
    );
  });

  it('long expressions are broken before their loosest operators', () => {
    check(
      `experiment a {
  loss mse() + 0.001 * contractive(on=first_hidden_layer) + beta * kl_sparsity(rho=rho, on=second_hidden_layer) * 2
  param b = 1 where 0 < b and b < first_upper_bound_of_all and b < second_upper_bound_of_all and b < third_bound
}`,
      `experiment a {
  loss mse()
    + 0.001 * contractive(on=first_hidden_layer)
    + beta * kl_sparsity(rho=rho, on=second_hidden_layer) * 2
  param b = 1
    where 0 < b and b < first_upper_bound_of_all and b < second_upper_bound_of_all and b < third_bound
}
`,
    );
  });

  it('operators have spaces around them, signs and dots have none', () => {
    check(
      'experiment a { loss - 1+2 ** - x . y or not  z and(a<b) }',
      'experiment a { loss -1 + 2 ** -x.y or not z and (a < b) }\n',
    );
  });

  it('definitions and files of them', () => {
    check(
      `use   "losses.ae"
define loss charbonnier(epsilon=0.001 where epsilon>0,)=mean(sqrt((output-target)**2+epsilon**2)) // of the paper


define block down( channels ){conv2d(channels,kernel=3)  relu()}
define activation soft(a=1)=where (x>a,x-a,where(x< -a, x+a, 0))
experiment a{}`,
      `use "losses.ae"
define loss charbonnier(epsilon = 0.001 where epsilon > 0) = mean(sqrt((output - target) ** 2 + epsilon ** 2))  // of the paper

define block down(channels) { conv2d(channels, kernel=3)  relu() }
define activation soft(a = 1) = where(x > a, x - a, where(x < -a, x + a, 0))
experiment a {}
`,
    );
  });

  it('params below one another have their signs and constraints below one another', () => {
    check(
      `experiment a {
  param rho = 0.01 where 0 < rho < 1
  param hidden = 100
  param beta = 5 where beta >= 0

  param x = 1
  let momentum = 0.9
  let y = 2
}`,
      `experiment a {
  param rho    = 0.01 where 0 < rho < 1
  param hidden = 100
  param beta   = 5    where beta >= 0

  param x = 1
  let momentum = 0.9
  let y        = 2
}
`,
    );
  });

  it('but not if that would tear them apart', () => {
    check(
      `experiment a {
  param a_name_that_is_much_longer_than_others = 0.01
  param b = 100
}`,
      `experiment a {
  param a_name_that_is_much_longer_than_others = 0.01
  param b = 100
}
`,
    );
  });

  it('parentheses stand after every word but one with a block and no arguments', () => {
    check(
      'experiment a { data mnist { scale(2) }\n encoder { reparameterize() { dense(2) } flatten() } }',
      `experiment a {
  data mnist() { scale(2) }
  encoder { reparameterize { dense(2) }  flatten() }
}
`,
    );
  });

  it('numbers and strings stay as they are written', () => {
    check(
      'experiment a { param b = [50_000, 1e-4, 0.10, "a\\\\b"] }',
      'experiment a { param b = [50_000, 1e-4, 0.10, "a\\\\b"] }\n',
    );
  });

  it('line ends, tabs and byte order marks become line feeds and spaces', () => {
    check('\uFEFFexperiment a {\r\n\tloss mse()\r\n}\r\n', 'experiment a {\n  loss mse()\n}\n');
    check('', '');
  });
});

describe('comments', () => {
  it('stay on their lines, and at the ends of lines below one another', () => {
    check(
      `// above
experiment a {     // beside the brace
  param rho = 0.01     // first
  param hidden = 100 // second

  // own line

  loss mse() // third
  /* block */
  train adam() { epochs = 3 // inside
    // alone
    batch = 3
    // last
  }
} // end
// after
`,
      `// above
experiment a {  // beside the brace
  param rho    = 0.01  // first
  param hidden = 100   // second

  // own line

  loss mse()  // third
  /* block */
  train adam() {
    epochs = 3  // inside
    // alone
    batch = 3
    // last
  }
}  // end
// after
`,
    );
  });

  it('keep what they speak of', () => {
    check(
      `experiment a {
  encoder { dense(100, // units
      // as in the paper
      activation=relu /* not elu */) }
  loss mse() // reconstruction
    + l1(/* on */ code)
}`,
      `experiment a {
  encoder {
    dense(
      100,  // units
      // as in the paper
      activation=relu,
      /* not elu */
    )
  }
  loss mse()  // reconstruction
    + l1(/* on */ code)
}
`,
    );
  });

  it('in places of no use go to the end of the line, or before it if there are several', () => {
    check(
      `experiment a {
  param // one
    b /* two */ = // three
    3
}`,
      `experiment a {
  // one
  param b /* two */ = 3  // three
}
`,
    );
  });

  it('alone in brackets', () => {
    check(
      `experiment a { encoder { /* nothing */ } loss mse(/* nothing */) }
experiment b {
  // nothing

  // at all
}
// the end`,
      `experiment a { encoder { /* nothing */ }  loss mse(/* nothing */) }
experiment b {
  // nothing

  // at all
}
// the end
`,
    );
  });
});

it('a text with errors has no canonical form', () => {
  const { value, diagnostics } = format({ path: 'test.ae', text: 'experiment a {' });
  expect(value).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toEqual(['AE102']);
});
