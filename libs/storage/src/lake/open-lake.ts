import { StorageError } from '../errors.ts';
import { folderStore } from './folder.ts';
import type { PartitionBy } from './keys.ts';
import { lakeOn } from './lake.ts';
import type { Lake } from './lake.ts';
import { s3Store } from './s3.ts';

/** What an address does not say. */
export interface LakeOptions {
  /** How events are spread over folders; `hour` by default. `day` suits replays of long histories. */
  readonly partitionBy?: PartitionBy;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Opens the lake at `file:FOLDER` or `s3://BUCKET/PREFIX[?endpoint=URL&region=NAME]`; without an endpoint in the
 * address `AWS_ENDPOINT_URL_S3` is used, and AWS without that.
 *
 * @throws StorageError `STORAGE_URL` or `STORAGE_PEER_MISSING`
 */
export async function openLake(url: string, options: LakeOptions = {}): Promise<Lake> {
  if (url.startsWith('file:')) {
    const folder = url.slice('file:'.length);
    if (folder === '') throw new StorageError('STORAGE_URL', 'file: names no folder; write file:FOLDER.');
    return lakeOn(folderStore(folder), options);
  }
  if (!URL.canParse(url) || !url.startsWith('s3://')) {
    throw new StorageError(
      'STORAGE_URL',
      `${JSON.stringify(url.slice(0, 40))} is no lake: use file:FOLDER or s3://BUCKET/PREFIX.`,
    );
  }
  const { hostname: bucket, pathname, searchParams } = new URL(url);
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  const endpoint = searchParams.get('endpoint') ?? process.env['AWS_ENDPOINT_URL_S3'];
  const region = searchParams.get('region');
  const store = await s3Store({
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === null ? {} : { region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  return lakeOn(store, options);
}
