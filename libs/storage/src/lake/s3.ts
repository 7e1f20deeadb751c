import type { S3Client } from '@aws-sdk/client-s3';
import { StorageError } from '../errors.ts';
import { loadPeer } from '../load-peer.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** How to reach a bucket; what is absent comes from the environment as with every AWS tool. */
export interface S3Options {
  readonly bucket: string;
  /** Put before every key, ending in `/`, or empty. */
  readonly prefix: string;
  /** Of a service other than AWS; its buckets are then addressed by path. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For one request, retries apart. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const attempts = 4;
/** S3's own limit. */
const keysPerDelete = 1_000;

/** Objects of an S3 bucket. `create` relies on conditional writes (`If-None-Match: *`), as S3 has them since 2024. */
export async function s3Store(options: S3Options): Promise<ObjectStore> {
  const aws = await loadPeer('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
  const { bucket, prefix, endpoint, region, credentials, timeoutMs = defaultTimeoutMs } = options;
  const location = `s3://${bucket}/${prefix}`;
  const client: S3Client = new aws.S3Client({
    region: region ?? process.env['AWS_REGION'] ?? 'us-east-1',
    maxAttempts: attempts,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: { requestTimeout: timeoutMs, throwOnRequestTimeout: true, connectionTimeout: 5_000 },
  });
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw failure(location, error);
    }
  };

  async function* list(listed: string, after?: string): AsyncGenerator<StoredObject> {
    let token: string | undefined;
    do {
      const page = await attempt(() =>
        client.send(
          new aws.ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix + listed,
            ...(token === undefined ? {} : { ContinuationToken: token }),
            ...(after === undefined || token !== undefined ? {} : { StartAfter: prefix + after }),
          }),
        ),
      );
      for (const { Key, Size } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key.slice(prefix.length), bytes: Size ?? 0 };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  return {
    location,
    create: (key, bytes) =>
      attempt(async () => {
        try {
          // The client sends a checksum, which the service compares: a cut upload leaves no object.
          await client.send(
            new aws.PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: bytes, IfNoneMatch: '*' }),
          );
          return true;
        } catch (error) {
          if (statusOf(error) === 412) return false;
          throw error;
        }
      }),
    get: (key) =>
      attempt(async () => {
        try {
          const found = await client.send(new aws.GetObjectCommand({ Bucket: bucket, Key: prefix + key }));
          return await found.Body?.transformToByteArray();
        } catch (error) {
          if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return undefined;
          throw error;
        }
      }),
    list,
    delete: (keys) =>
      attempt(async () => {
        for (let start = 0; start < keys.length; start += keysPerDelete) {
          const Objects = keys.slice(start, start + keysPerDelete).map((key) => ({ Key: prefix + key }));
          const { Errors } = await client.send(
            new aws.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          );
          const [first] = (Errors ?? []).filter((error) => error.Code !== 'NoSuchKey');
          if (first !== undefined) throw new Error(`${first.Key} was not deleted: ${first.Message}`);
        }
      }),
    health: () =>
      attempt(async () => void (await client.send(new aws.HeadBucketCommand({ Bucket: bucket })))),
    close: async () => client.destroy(),
  };
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function failure(location: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { name, message } = cause as Error;
  const status = statusOf(cause);
  if (status === 401 || status === 403 || name === 'CredentialsProviderError') {
    return new StorageError(
      'STORAGE_CREDENTIALS',
      `${location} refused the keys (${name}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy.`,
      { cause },
    );
  }
  if (name === 'NoSuchBucket' || status === 404) {
    return new StorageError('STORAGE_FAILED', `${location}: there is no such bucket; make it first.`, {
      cause,
    });
  }
  if (status !== undefined && status < 500 && status !== 408 && status !== 409 && status !== 429) {
    return new StorageError('STORAGE_FAILED', `${location}: ${name} ${message}.`, { cause });
  }
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `${location} does not answer as it should: ${name} ${message}.`,
    {
      cause,
    },
  );
}
