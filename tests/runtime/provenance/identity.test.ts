import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Identity, trialIdentity } from '../../../src/runtime/provenance/identity.js';

const identity: Identity = {
  irSha256: 'a1',
  dataSha256: 'b2',
  seed: 3,
  backendClass: 'cpu',
  numericsVersion: '1',
};

test('it is the SHA-256 of the parts as JSON with sorted keys', () => {
  const json = '{"backendClass":"cpu","dataSha256":"b2","irSha256":"a1","numericsVersion":"1","seed":3}';
  expect(trialIdentity(identity)).toBe(createHash('sha256').update(json).digest('hex'));
});

test('every part changes it; nothing else does', () => {
  const changes: Partial<Identity>[] = [
    { irSha256: 'a2' },
    { dataSha256: 'b3' },
    { seed: 4 },
    { backendClass: 'simd' },
    { numericsVersion: '2' },
  ];
  const identities = [identity, ...changes.map((change) => ({ ...identity, ...change }))].map(trialIdentity);
  expect(new Set(identities).size).toBe(6);
  const renamed = { ...identity, experiment: 'renamed' };
  expect(trialIdentity(renamed)).toBe(identities[0]);
});
