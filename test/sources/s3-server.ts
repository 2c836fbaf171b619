import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../src/sources/s3-client.ts';

/** The server needs Node 24; the program itself does not. */
export const HAS_SERVER: boolean = Number(process.versions.node.split('.')[0]) >= 24;
export const BUCKET = 'logs';

/** What goes wrong with a request, if anything. */
export type Trouble = { readonly status: number; readonly code: string } | { readonly breaksAfter: number };

export interface S3Request {
  /** `list`, or the key that is read. */
  readonly what: string;
  readonly range: string | undefined;
}

/** An S3-compatible server on this machine, with a network that can fail. */
export interface S3Server {
  readonly settings: S3Settings;
  readonly environment: Readonly<Record<string, string>>;
  /** Since the last call: what was asked for, in order. */
  takeRequests(): S3Request[];
  /** The most objects that were being read at once. */
  readonly mostAtOnce: () => number;
  /** Asked for each request. */
  trouble: (request: S3Request) => Trouble | undefined;
  /** Undefined: the server lists. A number: so many on a page, with names encoded, and folders; the server itself cannot do that. */
  pageSize: number | undefined;
  put(key: string, body: string | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

interface App {
  configureBuckets(): Promise<unknown>;
  callback(): (request: http.IncomingMessage, response: http.ServerResponse) => void;
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'us-east-1' };

export async function startS3(): Promise<S3Server> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-s3-'));
  // It has no types.
  const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => App;
  const app = new S3rver({
    silent: true,
    directory,
    allowMismatchedSignatures: true,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET }],
  });
  await app.configureBuckets();
  const answer = app.callback();
  const objects = new Map<string, { readonly size: number; readonly etag: string }>();
  let requests: S3Request[] = [];
  let [underWay, most] = [0, 0];
  const web = http.createServer((request, response) => {
    if (request.method !== 'GET') return answer(request, response);
    const asked = describeRequest(request);
    requests.push(asked);
    if (asked.what !== 'list') {
      most = Math.max(most, ++underWay);
      response.on('close', () => underWay--);
    }
    const trouble = server.trouble(asked);
    if (trouble === undefined && asked.what === 'list' && server.pageSize !== undefined) {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(pageOf(objects, new URL(request.url ?? '', 'http://s3').searchParams, server.pageSize));
      return;
    }
    if (trouble === undefined) return answer(request, response);
    if ('status' in trouble) {
      response.writeHead(trouble.status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0"?><Error><Code>${trouble.code}</Code><Message>no</Message></Error>`);
      return;
    }
    breakAfter(response, trouble.breaksAfter);
    return answer(request, response);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, CREDENTIALS, { AWS_EC2_METADATA_DISABLED: 'true' });
  const endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1' });
  const server: S3Server = {
    settings: { endpoint, pathStyle: true, region: 'us-east-1' },
    environment: { ...CREDENTIALS, AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL_S3: endpoint },
    takeRequests() {
      const taken = requests;
      requests = [];
      return taken;
    },
    mostAtOnce: () => most,
    trouble: () => undefined,
    pageSize: undefined,
    async put(key, body) {
      const bytes = Buffer.from(body);
      const { ETag = '' } = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
      objects.set(key, { size: bytes.length, etag: ETag });
    },
    remove: async (key) => void (await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }))),
    async close() {
      client.destroy();
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
  return server;
}

function describeRequest({ url = '', headers }: http.IncomingMessage): S3Request {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const what = searchParams.has('list-type') ? 'list' : decodeURIComponent(pathname.slice(BUCKET.length + 2));
  return { what, range: headers.range };
}

function pageOf(
  objects: ReadonlyMap<string, { readonly size: number; readonly etag: string }>,
  query: URLSearchParams,
  size: number,
): string {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')];
  const after = query.get('continuation-token') ?? '';
  const folderOf = (key: string): string => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? key : key.slice(0, end + 1);
  };
  const entries = [...new Set([...objects.keys()].filter((key) => key.startsWith(prefix)).map(folderOf))]
    .filter((entry) => entry > after)
    .toSorted();
  const contents = entries.slice(0, size).map((entry) => {
    const name = encodeURIComponent(entry).replaceAll('%20', '+');
    const object = objects.get(entry);
    if (object === undefined) return `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`;
    return `<Contents><Key>${name}</Key><Size>${object.size}</Size><ETag>${object.etag}</ETag><LastModified>2026-09-01T00:00:00Z</LastModified></Contents>`;
  });
  const isTruncated = entries.length > size;
  const next = isTruncated ? `<NextContinuationToken>${entries[size - 1]}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

/** Sends so many bytes of the body, then nothing more. */
function breakAfter(response: http.ServerResponse, bytes: number): void {
  let left = bytes;
  const write = response.write.bind(response);
  response.write = (chunk: Buffer) => {
    const sent = write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) setImmediate(() => response.destroy());
    return sent;
  };
}
