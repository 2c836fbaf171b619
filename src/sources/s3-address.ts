import { LastcallError } from '../errors.ts';

/** A bucket, and the beginning of the keys that are meant. */
export interface S3Address {
  readonly bucket: string;
  readonly prefix: string;
}

const SCHEME = 's3://';

export function isS3(path: string): boolean {
  return path.startsWith(SCHEME);
}

/** Whether a log is given by an address, so that it is no path of this machine. */
export function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/** Reads `s3://bucket/prefix`; everything behind the bucket is a prefix, and no pattern. */
export function parseS3(address: string): S3Address {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(address) ?? [];
  if (!/^[\w.-]{1,255}$/.test(bucket)) {
    throw new LastcallError('input', `"${address}" names no bucket`, { hint: 'Write s3://bucket/prefix.' });
  }
  return { bucket, prefix };
}

export function s3Path(bucket: string, key: string): string {
  return `${SCHEME}${bucket}/${key}`;
}
