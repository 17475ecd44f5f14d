/**
 * Older databases have terms of a loss under their bare names, `test.kl_sparsity`, and `mse` as `mse_term`, because
 * `mse` is the error in raw units. No name has changed its meaning, so old results can be read by name alone.
 */
const formerTerms = [
  'bce',
  'bce_with_logits',
  'contractive',
  'huber',
  'kl_gaussian',
  'kl_sparsity',
  'l1',
  'l2',
  'mae',
] as const;

const former = new RegExp(`(^|[. ])(?:((?:${formerTerms.join('|')})(?:_\\d+)?|mse_\\d+)|(mse)_term)$`);

/** Translates an old name, `test.mse_term` → `test.loss.mse`; returns any other name unchanged. */
export function presentName(name: string): string {
  const [all, before = '', term, renamed] = former.exec(name) ?? [];
  if (all === undefined) return name;
  const scope = name.slice(0, name.length - all.length) + before;
  return /(^|[. ])loss\.$/.test(scope) ? name : `${scope}loss.${term ?? renamed ?? ''}`;
}

export function presentNames<T>(metrics: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [presentName(name), value]));
}

/** The name that experiments and identities use for a metric: `loss.mse` is `mse_term`. */
export function identitySpelling(quantity: string): string {
  const term = quantity.startsWith('loss.') ? quantity.slice('loss.'.length) : null;
  return term === 'mse' ? 'mse_term' : (term ?? quantity);
}

/** SQL that applies {@link presentName} to the rows of `metrics` and the objectives of `sweeps`. */
export const renamingSql: string = [
  ...formerTerms.flatMap((term) => [renaming(term, term), ...numbered(term)]),
  renaming('mse_term', 'mse'),
  ...numbered('mse'),
].join('\n');

function renaming(from: string, to: string): string {
  return `
UPDATE metrics SET name = substr(name, 1, length(name) - ${from.length}) || 'loss.${to}'
  WHERE name = '${from}' OR name GLOB '*.${from}';
UPDATE sweeps SET objective = replace(objective, '"validation.${from}"', '"validation.loss.${to}"')
  WHERE objective IS NOT NULL;`;
}

function numbered(term: string): readonly string[] {
  return [
    `
UPDATE metrics SET name = 'loss.' || name WHERE name GLOB '${term}_[0-9]*';
UPDATE metrics SET name = replace(name, '.${term}_', '.loss.${term}_')
  WHERE name GLOB '*.${term}_[0-9]*' AND name NOT GLOB '*loss.${term}_[0-9]*';
UPDATE sweeps SET objective = replace(objective, '"validation.${term}_', '"validation.loss.${term}_')
  WHERE objective GLOB '*"validation.${term}_[0-9]*';`,
  ];
}
