import { describe, expect, it } from 'vitest';
import { compileStatements } from './statements.js';

const said = (statements: string) => compileStatements(statements).diagnostics.map((d) => `${d.severity} ${d.code}`);
const normalized = 'data digits(take=256, test=64) { normalize(mean=0.1307, std=0.3081) }';

describe('what a loss can mean', () => {
  it('bce: data and output in [0, 1]', () => {
    expect(said('loss bce()')).toEqual([]);
    expect(said(`${normalized} loss bce()`)).toEqual(['error AE501']);
    expect(said('decoder { dense(input.size) } loss bce()')).toEqual(['error AE502']);
    expect(said('decoder { dense(input.size, activation=relu) } loss bce()')).toEqual(['error AE502']);
    expect(said('decoder { dense(input.size, activation=tanh) } loss bce()')).toEqual(['error AE502']);
    expect(said(`${normalized} decoder { dense(input.size) } loss bce()`)).toEqual(['error AE501', 'error AE502']);
  });

  it('bce says what to do', () => {
    const { diagnostics } = compileStatements('decoder { dense(input.size) } loss bce()');
    expect(diagnostics[0]?.hint).toMatch(/activation=sigmoid.*bce_with_logits/);
  });

  it('bce_with_logits: logits, so no output that is a probability already', () => {
    expect(said('decoder { dense(input.size) } loss bce_with_logits()')).toEqual([]);
    expect(said('loss bce_with_logits()')).toEqual(['warning AE502']);
    expect(said('decoder { dense(input.size, activation=relu) } loss bce_with_logits()')).toEqual(['warning AE503']);
  });

  it.each(['mse', 'mae', 'huber'])('%s: a warning where the output cannot reach the data', (loss) => {
    expect(said(`loss ${loss}()`)).toEqual([]);
    expect(said(`${normalized} loss ${loss}()`)).toEqual(['warning AE503']);
    expect(said(`${normalized} decoder { dense(input.size, activation=tanh) } loss ${loss}()`)).toEqual([
      'warning AE503',
    ]);
    expect(said(`${normalized} decoder { dense(input.size) } loss ${loss}()`)).toEqual([]);
    const shifted = 'data digits(take=256, test=64) { normalize(mean=0.5, std=0.5) }';
    expect(said(`${shifted} decoder { dense(input.size, activation=tanh) } loss ${loss}()`)).toEqual([]);
  });

  it('kl_sparsity: activations in (0, 1)', () => {
    expect(said('loss mse() + kl_sparsity(rho=0.05)')).toEqual([]);
    for (const activation of ['relu', 'tanh', 'linear', 'softplus']) {
      const encoder = `encoder { code: dense(32, activation=${activation}) }`;
      expect(said(`${encoder} loss mse() + kl_sparsity(rho=0.05)`), activation).toEqual(['error AE504']);
    }
    expect(said('loss mse() + kl_sparsity(rho=0)')).toEqual(['error AE306']);
    expect(said('loss mse() + kl_sparsity(rho=1)')).toEqual(['error AE306']);
  });

  it('kl_sparsity: beta is the weight of the term, and the same as a factor in front', () => {
    const inside = compileStatements('loss mse() + kl_sparsity(rho=0.05, beta=3)').value;
    const front = compileStatements('loss mse() + 3 * kl_sparsity(rho=0.05)').value;
    expect(inside?.ir.loss.map((term) => term.weight)).toEqual([1, 3]);
    expect(inside?.hash).toBe(front?.hash);
  });
});
