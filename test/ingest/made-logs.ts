import zlib from 'node:zlib';

const START_AT = Date.UTC(2026, 8, 1);

/** One line of a JSON log, with the line end. Different numbers give different lines. */
export function jsonLine(n: number): string {
  const record = {
    time: new Date(START_AT + n * 17 * 60_000).toISOString(),
    api_key: `example-key-number-${n % 5}`,
    user_agent: ['curl/8.5.0', 'python-requests/2.32', 'Go-http-client/1.1'][n % 3],
    ip: `10.0.${n % 4}.7`,
    status: n % 7 === 0 ? 401 : n % 11 === 0 ? 500 : 200,
    path: `/v1/things/${n}`,
  };
  return `${JSON.stringify(record)}\n`;
}

export function jsonLog(from: number, to: number): string {
  let log = '';
  for (let n = from; n < to; n++) log += jsonLine(n);
  return log;
}

/** CloudTrail's S3 delivery. Different numbers give different events. */
export function trail(numbers: readonly number[], indent?: number): string {
  return JSON.stringify({ Records: numbers.map(trailEvent) }, undefined, indent);
}

export function trailEvent(n: number): object {
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      arn: `arn:aws:iam::123456789012:user/example${n % 3}`,
      accountId: '123456789012',
      accessKeyId: `AKIAEXAMPLEEXAMPLE0${n % 3}`,
    },
    eventTime: new Date(START_AT + n * 31 * 60_000).toISOString().replace('.000Z', 'Z'),
    eventSource: 's3.amazonaws.com',
    eventName: n % 4 === 0 ? 'GetObject' : 'PutObject',
    awsRegion: 'eu-west-1',
    sourceIPAddress: `10.1.${n % 2}.9`,
    userAgent: 'aws-cli/2.17.0',
    ...(n % 9 === 0 ? { errorCode: 'AccessDenied' } : {}),
    eventID: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  };
}

export function gzip(text: string | Buffer): Buffer {
  return zlib.gzipSync(text);
}

export function zstd(text: string | Buffer): Buffer {
  return zlib.zstdCompressSync(text);
}
