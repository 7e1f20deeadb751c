import { describe, expect, it } from '@jest/globals';
import { Faults } from './faults.ts';

describe('Faults', () => {
  const faults = () => new Faults(['Produce', 'Fetch']);

  it('hits as many requests of its API as asked for, one fault after the other', () => {
    const all = faults();
    all.inject('Produce', { error: 'corruptMessage', times: 1 });
    all.inject('Produce', { delayMs: 5, times: 1 });
    expect(all.take('Fetch')).toBeUndefined();
    expect(all.take('Produce')).toMatchObject({ errorCode: 2 });
    expect(all.take('Produce')).toMatchObject({ delayMs: 5, errorCode: undefined });
    expect(all.take('Produce')).toBeUndefined();
  });

  it('hits all of them until it is removed', () => {
    const all = faults();
    const remove = all.inject('Fetch', { error: 99 });
    for (let count = 0; count < 10; count++) expect(all.take('Fetch')?.errorCode).toBe(99);
    remove();
    expect(all.take('Fetch')).toBeUndefined();
  });

  it('says which APIs there are when it is given another name', () => {
    expect(() => faults().inject('Consume', {})).toThrow('the APIs are Produce, Fetch');
  });
});
