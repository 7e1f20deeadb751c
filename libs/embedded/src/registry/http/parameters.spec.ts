import { describe, expect, it } from '@jest/globals';
import { RestError } from '../errors.ts';
import { page, readId, readSubject, readVersion } from './parameters.ts';

function code(read: () => unknown): number {
  try {
    read();
  } catch (error) {
    if (error instanceof RestError) return error.errorCode;
    throw error;
  }
  return 200;
}

describe('parameters', () => {
  it('are subjects of printable characters, in the default context', () => {
    expect(readSubject({ subject: ':.:orders-value' })).toBe('orders-value');
    expect(readSubject({ subject: 'any/thing ä' })).toBe('any/thing ä');
    for (const subject of ['', ':.:', 'a\nb', 'x'.repeat(1_001), ':.other:s']) {
      expect([subject, code(() => readSubject({ subject }))]).toEqual([subject, 42208]);
    }
  });

  it('are versions from 1 to 2^31 − 1, or the latest', () => {
    expect(readVersion({ version: '7' })).toBe(7);
    expect(readVersion({ version: 'LATEST' })).toBe('latest');
    expect(readVersion({ version: '-1' })).toBe('latest');
    expect(readVersion({ version: '2147483647' })).toBe(2_147_483_647);
    for (const version of ['0', '-2', '1.0', '2147483648', '1e3', 'x', '']) {
      expect([version, code(() => readVersion({ version }))]).toEqual([version, 42202]);
    }
  });

  it('are whole ids', () => {
    expect(readId({ id: '12' })).toBe(12);
    for (const id of ['x', '1.5', '', '99999999999']) expect(code(() => readId({ id }))).toBe(404);
  });

  it('are pages that may be empty, or all', () => {
    expect(page([1, 2, 3], {})).toEqual([1, 2, 3]);
    expect(page([1, 2, 3], { offset: '1', limit: '1' })).toEqual([2]);
    expect(page([1, 2, 3], { limit: '0' })).toEqual([]);
    expect(page([1, 2, 3], { offset: '9', limit: '-1' })).toEqual([]);
    expect(page([1, 2, 3], { offset: 'x', limit: 'y' })).toEqual([1, 2, 3]);
  });
});
