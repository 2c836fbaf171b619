import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { casesFor, documentsFor, isAccessLog, isGrouped, MAPS, readFast, readPlainly, readShared } from './kernel-oracle.ts'; // prettier-ignore

/** Rows of groups that another scan knew, in all cases. */
let adopted = 0;

describe('the kernel', () => {
  it('reads the formats that most logs are of', () => {
    const names = MAPS.filter(isGrouped).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'json',
        'aws-cloudtrail',
        'aws-apigateway',
        'cloudflare',
        'apisix',
        'kong',
        'traefik',
        'envoy',
        'combined',
        'caddy',
        'ocsf',
        'azure-front-door',
        'aws-cloudfront-json',
        'minio-trace',
        'gitlab',
        'vault-audit',
      ]),
    );
  });

  it.each(
    MAPS.flatMap((map) => [
      { ...map, map, shape: 'lines', cases: casesFor(map), runs: isGrouped(map) ? 80 : 30 },
      ...(isGrouped(map) && !isAccessLog(map.format)
        ? [{ ...map, map, shape: 'documents', cases: documentsFor(map), runs: 60 }]
        : []),
    ]),
  )('counts what the plain reader counts: $name, $shape', ({ map, cases, runs }) => {
    let [all, plain] = [0, 0];
    fc.assert(
      fc.property(cases, (one) => {
        const fast = readFast(one);
        expect(fast.outcome).toEqual(readPlainly(one));
        expect(fast.outcome.unaccounted).toBe(0);
        all += fast.records;
        plain += fast.plain;
      }),
      { seed: 20260901, numRuns: runs },
    );
    // Else this would compare the plain reader with itself.
    if (isGrouped(map)) expect(plain).toBeLessThanOrEqual(all * 0.9);
  });

  it.each(MAPS.filter(isGrouped).map((map) => ({ ...map, map, cases: casesFor(map) })))(
    'counts the same where another thread knew the groups: $name',
    ({ cases }) => {
      fc.assert(
        fc.property(cases, (one) => {
          const read = readShared(one);
          if (read === undefined) return;
          expect(read.tally).toEqual(readPlainly(one).tally);
          adopted += read.adopted;
        }),
        { seed: 20261124, numRuns: 40 },
      );
    },
  );

  it('counted calls of groups that it did not meet itself', () => {
    expect(adopted).toBeGreaterThan(100);
  });
});
