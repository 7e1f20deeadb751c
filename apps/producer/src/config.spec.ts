import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

const webLogs = (...args: Parameters<typeof readConfig>) => readConfig(...args).feeds['web-logs'];

describe('readConfig', () => {
  it('follows the access log of the dashboard and simulates two lines a second by default', () => {
    expect(webLogs({})).toEqual({ files: ['.millrace/access.log'], linesPerSecond: 2, seed: 1 });
  });

  it('follows given files alone', () => {
    expect(webLogs({}, ['--file', 'a.log', '--file', 'b.log'])).toMatchObject({
      files: ['a.log', 'b.log'],
      linesPerSecond: 0,
    });
    expect(webLogs({}, ['--file', 'a.log', '--simulate', '5'])).toMatchObject({ linesPerSecond: 5 });
  });

  it('feeds the pipelines that PIPELINES names, and says which there are where one is unknown', () => {
    expect(Object.keys(readConfig({ PIPELINES: 'web-logs' }).feeds)).toEqual(['web-logs']);
    expect(() => readConfig({ PIPELINES: 'web-logs,web-log' })).toThrow(/"web-log".*web-logs/);
  });

  it('replays a file instead of the modelled households, as it is told', () => {
    const energy = (...args: Parameters<typeof readConfig>) => readConfig(...args).feeds['weather-energy'];
    expect(energy({})).toMatchObject({ file: undefined, everyMs: 60_000, historyMs: 7 * 86_400_000 });
    expect(energy({}, ['--replay', 'a.csv'])).toMatchObject({
      file: 'a.csv',
      speed: Infinity,
      shiftToNow: false,
    });
    const flags = ['--replay', 'a.csv', '--mapping', 'm.json', '--speed', '60', '--shift-to-now'];
    expect(energy({}, flags)).toMatchObject({ mappingPath: 'm.json', speed: 60, shiftToNow: true });
    expect(() => readConfig({}, ['--speed', '0'])).toThrow(/WEATHER_ENERGY_SPEED/);
  });

  it('names a variable that cannot be used', () => {
    expect(() => readConfig({ TOPIC_PARTITIONS: '0' })).toThrow(/TOPIC_PARTITIONS/);
    expect(() => readConfig({}, ['--simulate', 'many'])).toThrow(/SIMULATE_LINES_PER_SECOND/);
    expect(() => readConfig({}, ['--fil', 'x'])).toThrow(/--fil/);
  });
});
