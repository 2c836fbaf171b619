import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { productOf, readableAgent } from '../../src/attribution/user-agent.ts';
import { cpuMs } from '../cpu-time.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0.0.0 Safari/537.36';

describe('productOf', () => {
  it.each([
    ['aws-cli/1.27.74 Python/3.9.11 Linux/5.10 botocore/1.29.74', 'aws-cli'],
    ['[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.1030 Linux/5.4]', 'S3Console'],
    ['[aws-cli/2.0]', 'aws-cli'],
    ['Boto3/1.26.72 Python/3.9 Linux/5.15', 'Boto3'],
    ['python-requests/2.31', 'python-requests'],
    ['Go-http-client/1.1', 'Go-http-client'],
    ['APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io)', 'Terraform'],
    ['AWS Internal', 'AWS Internal'],
    ['cloudtrail.amazonaws.com', 'cloudtrail.amazonaws.com'],
    ['My Billing App 2.1.0', 'My Billing App'],
    ['My Billing App/2.1 (prod)', 'My Billing App'],
    ['curl', 'curl'],
    ['google-cloud-sdk/450.0,gzip(gfe)', 'google-cloud-sdk'],
    ['google-cloud-sdk gcloud/450.0,gzip(gfe),gzip(gfe)', 'google-cloud-sdk gcloud'],
    [',gzip(gfe),gzip(gfe)', 'no agent'],
    ['worker-3f2b8c1d-0a1b-4c2d-8e3f-0123456789ab/1', 'worker-*'],
    ['exporter-7d9f8b6c5d-x/1', 'exporter-*-x'],
    ['job-20240101', 'job-*'],
    [CHROME, 'Chrome'],
    [CHROME.replaceAll(' ', '%20'), 'Chrome'],
    [CHROME.replaceAll(' ', '%2520'), 'Chrome'],
    [CHROME.replaceAll(' ', '+'), 'Chrome'],
    [`${CHROME} Edg/102.0`, 'Edge'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/118.0', 'Firefox'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
      'Safari',
    ],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot'],
    ['Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)', 'Internet Explorer'],
    ['Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1', 'WindowsPowerShell'],
    ['Mozilla/5.0', 'Mozilla'],
    ['', 'no agent'],
    ['-', 'no agent'],
    ['  ', 'no agent'],
    ['/1.0', '/1.0'],
  ])('finds in %s the product %s', (agent, product) => {
    expect(productOf(agent)).toBe(product);
  });

  it('gives one product to all versions', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(productOf(`exporter/${a} (build ${b})`)).toBe(productOf(`exporter/${b}.1`));
      }),
    );
  });

  it('always gives a name of 60 characters at most', () => {
    fc.assert(
      fc.property(
        fc.uint16Array({ maxLength: 700 }).map((units) => String.fromCharCode(...units)),
        (agent) => {
          const product = productOf(agent);
          expect(product.length).toBeGreaterThan(0);
          expect(product.length).toBeLessThanOrEqual(60);
          expect(product).toBe(product.trim());
        },
      ),
    );
  });

  it('is quick on hostile agents', () => {
    const ms = cpuMs(() => {
      for (const part of ['(', '/', ' ', '%25', 'APN/1.0 ', 'compatible; ', 'aaaaaaaa-', '0', '[']) {
        productOf(part.repeat(100_000));
        productOf(`Mozilla/${part.repeat(100_000)}`);
      }
    });
    expect(ms).toBeLessThan(500);
  });
});

describe('readableAgent', () => {
  it('decodes what the log encodes', () => {
    expect(readableAgent('curl/8%20%28x%29')).toBe('curl/8 (x)');
    expect(readableAgent('curl/8+(x)')).toBe('curl/8 (x)');
    expect(readableAgent('a b+c')).toBe('a b+c');
  });
});
