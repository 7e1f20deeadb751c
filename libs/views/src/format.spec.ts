import { describe, expect, it } from '@jest/globals';
import { formatCell, formatDuration, formatExact, formatNumber, NO_VALUE } from './format.ts';

describe('formatNumber', () => {
  it.each([
    [0, 'count', '0'],
    [412, 'count', '412'],
    [9_999, 'count', '9,999'],
    [12_345, 'count', '12.3 k'],
    [1_234_567, 'count', '1.23 M'],
    [0.0187, 'ratio', '1.87%'],
    [1, 'ratio', '100%'],
    [42, 'percent', '42%'],
    [0.4, 'ms', '0.4 ms'],
    [999, 'ms', '999 ms'],
    [1_250, 'ms', '1.25 s'],
    [90_000, 'ms', '1.5 min'],
    [7_200_000, 'ms', '2 h'],
    [999, 'bytes', '999 B'],
    [34_500, 'bytes', '34.5 kB'],
    [2.5e9, 'bytes', '2.5 GB'],
    [12_000, 'perSecond', '12 k/s'],
    [-1_500, 'ms', '-1.5 s'],
    [1_500, 'kwh', '1.5 MWh'],
    [-3.456, 'celsius', '-3.46 °C'],
    [7, 'hPa', '7 hPa'],
  ])('writes %d %s as %s', (value, unit, text) => {
    expect(formatNumber(value, unit)).toBe(text);
  });

  it('has a sign for what is not there, never NaN', () => {
    for (const value of [null, undefined, NaN, Infinity]) expect(formatNumber(value, 'ms')).toBe(NO_VALUE);
  });

  it('takes a unit that is named like a property of every object as an unknown unit', () => {
    expect(formatNumber(1, 'constructor')).toBe('1 constructor');
  });
});

describe('formatExact', () => {
  it('keeps every digit of a whole number', () => {
    expect(formatExact(1_234_567)).toBe('1,234,567');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [450.4, '450 ms'],
    [3_999, '3 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [5_400_000, '1.5 h'],
    [-2_500, '-2 s'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('formatCell', () => {
  it('writes what JSON can hold', () => {
    expect(formatCell(true)).toBe('yes');
    expect(formatCell('/index.html', 'bytes')).toBe('/index.html');
    expect(formatCell(12_345)).toBe('12,345');
    expect(formatCell(12_345, 'bytes')).toBe('12.3 kB');
    expect(formatCell(null)).toBe(NO_VALUE);
    expect(formatCell([{ value: '/', count: 3 }])).toBe('[{"value":"/","count":3}]');
  });
});
