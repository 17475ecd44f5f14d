/** A loss term that had no gradient on any weight when it was last looked at. */
export interface IdleTerm {
  /** Step of the stage, from 1, at which that was seen first. */
  readonly since: number;
  /** True once the person was told. */
  readonly told: boolean;
}

/** Idle terms of a stage, by name. */
export type IdleTerms = Readonly<Record<string, IdleTerm>>;

/** @param found names of the terms without a gradient at this step */
export function idleAt(step: number, found: readonly string[], before: IdleTerms): IdleTerms {
  const known = new Map(Object.entries(before));
  return Object.fromEntries(found.map((name) => [name, known.get(name) ?? { since: step, told: false }]));
}

/** Tells of every idle term once. @returns the terms, of which all are told */
export function tellIdle(terms: IdleTerms, tell: (text: string) => void): IdleTerms {
  for (const [name, { since, told }] of Object.entries(terms)) {
    if (!told)
      tell(`loss term '${name}' moves no weight: its gradient has been zero on all of them since step ${since}`);
  }
  return Object.fromEntries(Object.entries(terms).map(([name, { since }]) => [name, { since, told: true }]));
}
