import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  it('follows the access log of the dashboard and simulates two lines a second by default', () => {
    expect(readConfig({})).toMatchObject({ files: ['.millrace/access.log'], simulateLinesPerSecond: 2 });
  });

  it('follows given files alone', () => {
    expect(readConfig({}, ['--file', 'a.log', '--file', 'b.log'])).toMatchObject({
      files: ['a.log', 'b.log'],
      simulateLinesPerSecond: 0,
    });
    expect(readConfig({}, ['--file', 'a.log', '--simulate', '5'])).toMatchObject({
      simulateLinesPerSecond: 5,
    });
  });

  it('names a variable that cannot be used', () => {
    expect(() => readConfig({ TOPIC_PARTITIONS: '0' })).toThrow(/TOPIC_PARTITIONS/);
    expect(() => readConfig({}, ['--simulate', 'many'])).toThrow(/SIMULATE_LINES_PER_SECOND/);
    expect(() => readConfig({}, ['--fil', 'x'])).toThrow(/--fil/);
  });
});
