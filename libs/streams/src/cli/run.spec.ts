import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { run } from './run.ts';

const schema = {
  type: 'record',
  name: 'Click',
  fields: [{ name: 'time', type: 'long', eventTime: true }],
} as const;
const clicks = definePipeline({
  name: 'clicks',
  sources: { clicks: { topic: 'clicks', schema } },
  views: { views: { from: 'clicks', window: tumbling({ sizeMs: 1_000 }), select: { clicks: count() } } },
});
const folder = mkdtempSync(join(tmpdir(), 'millrace-streams-cli-'));
const file = join(folder, 'clicks.json');
writeFileSync(file, JSON.stringify(clicks));

async function said(...parameters: string[]) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const status = await run(parameters, { environment: {}, print, printError: print });
  return { status, text: lines.join('\n') };
}

describe('millrace-streams', () => {
  it('tells what it can do', async () => {
    expect(await said('--help')).toMatchObject({ status: 0, text: expect.stringContaining('reset') });
    expect((await said()).status).toBe(2);
  });

  it('draws a definition that is kept as JSON', async () => {
    expect(await said('describe', file)).toMatchObject({
      status: 0,
      text: expect.stringMatching(/^pipeline clicks\n/),
    });
  });

  it.each([
    [['sing', file], 'there is no command "sing"'],
    [['describe'], 'describe needs a DEFINITION'],
    [['describe', join(folder, 'none.json')], 'cannot read'],
    [['describe', file, '--format', 'svg'], '--format is text, json or mermaid, not "svg"'],
    [['reset', file], 'reset needs one of --to-earliest'],
    [['reset', file, '--to-earliest', '--to-offset', '3'], 'reset needs one of --to-earliest'],
    [['reset', file, '--to-offset', '1e3'], '--to-offset takes a whole number, not "1e3"'],
    [['reset', file, '--to-time', 'noon'], '--to-time takes a time like'],
    [['reset', file, '--frobnicate'], "Unknown option '--frobnicate'"],
  ])('refuses %j', async (parameters, text) => {
    const { status, text: found } = await said(...parameters);
    expect(found).toContain(text);
    expect(status).toBe(2);
  });
});
