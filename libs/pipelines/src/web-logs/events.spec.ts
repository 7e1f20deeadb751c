import { describe, expect, it } from '@jest/globals';
import { formatAccessLogLine, parseAccessLogLine } from './access-log-line.ts';
import { simulatedRequest } from './events.ts';

describe('simulatedRequest', () => {
  it('makes the same request again from the same seed and index', () => {
    expect(simulatedRequest(1, 17, 5000)).toEqual(simulatedRequest(1, 17, 5000));
    expect(simulatedRequest(1, 17, 5000)).not.toEqual(simulatedRequest(2, 17, 5000));
  });

  it('makes lines that the log reader takes', () => {
    for (let index = 0; index < 200; index++) {
      const request = simulatedRequest(3, index, 1_800_000_000_000 + index * 1000);
      expect(parseAccessLogLine(Buffer.from(formatAccessLogLine(request)))).toMatchObject({
        ok: true,
        line: { path: request.path, status: request.status, timeMs: request.timeMs },
      });
    }
  });

  it('asks for the first path most often and fails now and then', () => {
    const requests = Array.from({ length: 5000 }, (_, index) => simulatedRequest(1, index, 0));
    const home = requests.filter((request) => request.path === '/').length;
    expect(home / requests.length).toBeGreaterThan(0.25);
    const failed = requests.filter((request) => request.status >= 400).length / requests.length;
    expect(failed).toBeGreaterThan(0.02);
    expect(failed).toBeLessThan(0.15);
  });
});
