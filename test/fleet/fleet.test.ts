import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyReport } from '../../src/model.ts';
import { audit } from '../../src/verdicts/audit.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { makeFleet } from './fleet.ts';
import { Observer, worldOf } from './observe.ts';
import { scanFleet } from './outside.ts';
import { brokenLaws, countPromises } from './promises.ts';
import { foundShare, score, wrongShare } from './score.ts';

/** Fixed, so that a change of the policy shows here; the figures over many fleets stand in the README beside this. */
const FLEET = makeFleet('base', 7);
const TODAY = FLEET.end;

describe('lastcall on the logs of a fleet with known truth', () => {
  let reports: readonly KeyReport[];
  beforeAll(() => {
    reports = scanFleet(FLEET, TODAY);
  }, 240_000);

  it('judges every listed key, and names a blocker unless it is safe', () => {
    expect(brokenLaws(reports, FLEET, TODAY)).toEqual([]);
    expect(reports).toHaveLength(FLEET.keys.filter(({ createdDay }) => createdDay < TODAY).length);
  });

  it('is seldom wrong when it says safe, and finds most dead keys', () => {
    const safe = new Set(reports.filter(({ verdict }) => verdict === 'safe').map(({ key }) => key));
    const result = score(safe, FLEET, TODAY);
    expect(wrongShare(result)).toBeLessThan(1.2);
    expect(foundShare(result)).toBeGreaterThan(70);
  });

  it('seldom promises a date that comes before the next call', () => {
    const { dates, early } = countPromises(reports, FLEET, TODAY);
    expect(dates).toBeGreaterThan(100);
    expect(early / dates).toBeLessThan(0.1);
  });

  it('says the same as the verdicts on evidence that never was a log', () => {
    const observation = new Observer(FLEET).at(TODAY);
    const expected = audit(observation.evidence, worldOf(observation, DEFAULT_POLICY));
    expect(reports).toEqual(expected);
  });
});

describe('a fleet', () => {
  it('is the same whenever it is made', () => {
    expect(makeFleet('base', 7)).toEqual(FLEET);
  });

  it('has keys that live, keys that are dead and keys that were never used', () => {
    expect(new Set(FLEET.keys.map(({ kind }) => kind)).size).toBeGreaterThan(12);
  });
});
