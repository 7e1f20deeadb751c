import { describe, expect, it } from '@jest/globals';
import { loadPeer } from './load-peer.ts';
import { openStorage } from './open-storage.ts';

describe('openStorage', () => {
  it('names the addresses that it takes when it is given another, and no password', async () => {
    for (const url of ['', 'mysql://root:secret@h/d', 'sqlite:', 'cassandra://', 'redis://a b:secret']) {
      const error = await openStorage(url).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'STORAGE_URL', retriable: false });
      expect((error as Error).message).not.toContain('secret');
    }
  });

  it('names the package to install when an adapter lacks it', async () => {
    const name = 'no-such-driver';
    const code = 'STORAGE_PEER_MISSING';
    await expect(loadPeer(name, () => import(name))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`npm install ${name}`),
    });
  });
});
