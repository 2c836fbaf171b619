import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { LastcallError } from '../errors.ts';
import { UnreachableInput } from './decompress.ts';
import type { S3Address } from './s3-address.ts';

/** Where and how S3 is reached; what is undefined, the SDK takes from its own environment and files. */
export interface S3Settings {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** The bucket stands in the path, as MinIO and others want it, and not in the name of the host. */
  readonly pathStyle?: boolean | undefined;
}

/** An object as a listing names it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedMs: number;
}

/** A page of a folder: its objects, and the folders in it, each with its path and a slash. */
export interface ListedFolder {
  readonly objects: readonly ListedObject[];
  readonly folders: readonly string[];
  readonly isLast: boolean;
}

/** What is asked of an object store. */
export interface S3Reader {
  /** Throws UnreachableInput after what could be listed, LastcallError when there is no such bucket. */
  list(address: S3Address): AsyncGenerator<ListedObject>;
  /** What lies in a folder itself, page by page. Throws as `list`. */
  pages(address: S3Address): AsyncGenerator<ListedFolder>;
  /** Bytes from `from` up to `to`, of exactly the object that was listed. Throws UnreachableInput. */
  read(bucket: string, object: ListedObject, from: number, to: number): Promise<Buffer>;
  close(): void;
}

type Sdk = typeof import('@aws-sdk/client-s3');

/** Loads the SDK, which is not installed with lastcall. */
export async function openS3(settings: S3Settings): Promise<S3Reader> {
  const sdk = await loadSdk();
  const client = await connect(sdk, settings);
  return {
    list: async function* (address) {
      for await (const { objects } of listPages(sdk, client, address, undefined)) yield* objects;
    },
    pages: (address) => listPages(sdk, client, address, '/'),
    read: (bucket, object, from, to) => readRange(sdk, client, bucket, object, from, to),
    close: () => client.destroy(),
  };
}

async function loadSdk(): Promise<Sdk> {
  try {
    // Loaded on use: it takes a third of a second, and most installations do without.
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new LastcallError('input', 'Logs in S3 are read with the AWS SDK, which is not installed', {
      hint: 'npm i @aws-sdk/client-s3',
      cause,
    });
  }
}

/** Without a region anywhere: AWS says from there where a bucket is, and other stores do not ask. */
const FALLBACK_REGION = 'us-east-1';
const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;

async function connect(sdk: Sdk, { endpoint, region, pathStyle }: S3Settings): Promise<S3Client> {
  const make = (where: string | undefined): S3Client =>
    new sdk.S3Client({
      followRegionRedirects: true,
      // Other stores do not know the checksums that are new in AWS; what we read is checked by its length.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: IDLE_MS, socketTimeout: IDLE_MS },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(where === undefined ? {} : { region: where }),
      ...(pathStyle === undefined ? {} : { forcePathStyle: pathStyle }),
    });
  const client = make(region);
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    return make(FALLBACK_REGION);
  }
}

async function* listPages(
  sdk: Sdk,
  client: S3Client,
  { bucket, prefix }: S3Address,
  delimiter: string | undefined,
): AsyncGenerator<ListedFolder> {
  let token: string | undefined;
  do {
    const page = await askForPage(sdk, client, { bucket, prefix }, delimiter, token);
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (page.IsTruncated === true && token === undefined) throw new UnreachableInput('its listing ends too early');
    yield {
      objects: (page.Contents ?? []).flatMap((object) => objectOf(object, page.EncodingType)),
      folders: (page.CommonPrefixes ?? []).flatMap(({ Prefix: folder }) =>
        folder === undefined ? [] : [decodeKey(folder, page.EncodingType)],
      ),
      isLast: token === undefined,
    };
  } while (token !== undefined);
}

function objectOf(object: import('@aws-sdk/client-s3')._Object, encoding: string | undefined): ListedObject[] {
  const { Key: key, Size: size = 0, ETag: etag = '', LastModified: modified } = object;
  // What ends with a slash stands for a folder.
  if (key === undefined || (size === 0 && key.endsWith('/'))) return [];
  return [{ key: decodeKey(key, encoding), size, etag, modifiedMs: modified?.getTime() ?? 0 }];
}

function decodeKey(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

async function askForPage(
  sdk: Sdk,
  client: S3Client,
  { bucket, prefix }: S3Address,
  delimiter: string | undefined,
  token: string | undefined,
): Promise<import('@aws-sdk/client-s3').ListObjectsV2CommandOutput> {
  try {
    const from = {
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    };
    // XML cannot hold every character that a key may have.
    const what = { Bucket: bucket, Prefix: prefix, EncodingType: 'url', ...from } as const;
    return await client.send(new sdk.ListObjectsV2Command(what));
  } catch (cause) {
    if (nameOf(cause) === 'NoSuchBucket') {
      throw new LastcallError('input', `There is no bucket "${bucket}"`, { cause });
    }
    throw new UnreachableInput(`it cannot be listed (${reasonOf(cause)})`, { cause });
  }
}

/** The SDK tries a request again, but not a body that breaks off: that is gone on with where it ended. */
const MAX_BREAKS = 5;
const FIRST_PAUSE_MS = 50;

async function readRange(
  sdk: Sdk,
  client: S3Client,
  bucket: string,
  object: ListedObject,
  from: number,
  to: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from);
  let length = 0;
  for (let breaks = 0; length < bytes.length; breaks++) {
    if (breaks > MAX_BREAKS) throw new UnreachableInput(`the connection broke off ${breaks} times`);
    if (breaks > 0) await pause(FIRST_PAUSE_MS * 2 ** breaks);
    const answer = await askForBytes(sdk, client, bucket, object, from + length, to);
    try {
      for await (const chunk of answer.Body as AsyncIterable<Buffer>) {
        if (length + chunk.length > bytes.length) throw new UnreachableInput('more was sent than was asked for');
        length += chunk.copy(bytes, length);
      }
    } catch (error) {
      if (error instanceof UnreachableInput) throw error;
    }
  }
  return bytes;
}

async function askForBytes(
  sdk: Sdk,
  client: S3Client,
  bucket: string,
  { key, etag }: ListedObject,
  from: number,
  to: number,
): Promise<GetObjectCommandOutput> {
  const what = { Bucket: bucket, Key: key, Range: `bytes=${from}-${to - 1}` };
  let answer: GetObjectCommandOutput;
  try {
    answer = await client.send(new sdk.GetObjectCommand(etag === '' ? what : { ...what, IfMatch: etag }));
  } catch (cause) {
    throw new UnreachableInput(troubleOf(cause), { cause });
  }
  // Not every store heeds the condition, or the range.
  if (etag !== '' && answer.ETag !== undefined && answer.ETag !== etag) throw new UnreachableInput(REPLACED);
  const range = answer.ContentRange;
  if (range === undefined ? from > 0 : !range.startsWith(`bytes ${from}-`)) {
    throw new UnreachableInput('the store did not send the part that was asked for');
  }
  return answer;
}

const REPLACED = 'it was replaced after it had been listed';

function troubleOf(error: unknown): string {
  switch (nameOf(error)) {
    case 'InvalidObjectState':
      return 'it is archived: restore it first (InvalidObjectState)';
    case 'NoSuchKey':
    case 'NotFound':
      return 'it was removed after it had been listed';
    case 'PreconditionFailed':
      return REPLACED;
    default:
      return `it cannot be read (${reasonOf(error)})`;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** A word for people. The message is left out: it may quote what was sent. */
function reasonOf(error: unknown): string {
  if (nameOf(error) === 'CredentialsProviderError') return 'no AWS credentials were found';
  const { code } = error as { code?: unknown };
  const word = typeof code === 'string' ? code : nameOf(error);
  return /^[\w.-]{1,60}$/.test(word) ? word : 'error';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
