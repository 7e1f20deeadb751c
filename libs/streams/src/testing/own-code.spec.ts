import { describe as group, expect, it } from '@jest/globals';
import { count, sum, tumbling } from '@millrace/windowing';
import type { TypedSchema } from '../definition/avro-types.ts';
import { definePipeline } from '../definition/define-pipeline.ts';
import { eq, field, gt } from '../definition/expression.ts';
import { isLocalOnly } from '../definition/pipeline-definition.ts';
import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { validateDefinition } from '../definition/validate-definition.ts';
import { viewColumns } from '../definition/view-columns.ts';
import { loadOwnCode } from '../own-code/load-own-code.ts';
import type { AnyOwnCode, OwnCode } from '../own-code/own-code.ts';
import { describe } from '../topology/describe.ts';
import { testPipeline } from './test-pipeline.ts';

const Click = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'time', type: 'long', eventTime: true },
    { name: 'user', type: 'string' },
    { name: 'url', type: 'string' },
  ],
} as const;
const Word = {
  type: 'record',
  name: 'Word',
  fields: [
    { name: 'word', type: 'string' },
    { name: 'length', type: 'int' },
    { name: 'rank', type: ['null', 'double'], unit: 'points' },
  ],
} as const;

/** A row for each word of the address; throws at "boom", returns nonsense at "odd". */
const words: OwnCode<typeof Click, typeof Word> = ({ url }, { timeMs }) => {
  if (url === 'boom') throw new RangeError(`no words at ${timeMs}`);
  if (url === 'odd') return [{ word: 'a', length: 1.5, rank: null }];
  if (url === '/') return undefined;
  const all = url.split('/').filter((word) => word !== '');
  return all.map((word) => ({ word, length: word.length, rank: null }));
};
const code = { module: 'data:text/javascript,', export: 'words' } as const;
const window = tumbling({ sizeMs: 100 });
const clicks = { topic: 'clicks', schema: Click, outOfOrderMs: 5, partitionedBy: ['user'] } as const;

const pipeline = definePipeline({
  name: 'clicks',
  sources: { clicks },
  processes: { words: { from: 'clicks', ...code, returns: Word, version: 2 } },
  views: {
    per_word: {
      ...{ from: 'words', where: gt(field('length'), 1), by: ['word'], window },
      select: { times: count(), letters: sum('length') },
    },
    log: { from: 'words', by: ['user', 'word'], columns: ['time', 'rank'] },
    all: { from: 'clicks', by: ['user'], window, select: { clicks: count() } },
  },
});

const click = (time: number, url: string, user = 'u') => ({ time, user, url });
const start = (ownCode: OwnCode<typeof Click, typeof Word> = words) =>
  testPipeline(pipeline, { ownCodes: { words: ownCode } });

group('own code', () => {
  it('gives none, one or several rows, with the fields of the record beside those it returned', () => {
    const driver = start();
    driver.pipeAll('clicks', [click(1, '/'), click(2, '/one'), click(3, '/one/two')]);
    expect(driver.rows('log')).toEqual([
      { user: 'u', word: 'one', time: 2, rank: null },
      { user: 'u', word: 'one', time: 3, rank: null },
      { user: 'u', word: 'two', time: 3, rank: null },
    ]);
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('per_word')).toMatchObject([
      { word: 'one', times: 2, letters: 6, state: 'final' },
      { word: 'two', times: 1, letters: 3, state: 'final' },
    ]);
    expect(driver.rows('all')).toMatchObject([{ user: 'u', clicks: 3 }]);
  });

  it('is given the fields that it names, and no others', () => {
    const given: unknown[] = [];
    const reading = (reads: readonly ('url' | 'time')[]) =>
      testPipeline(
        definePipeline({
          ...{ name: 'clicks', sources: { clicks } },
          processes: { words: { from: 'clicks', ...code, reads, returns: Word } },
          views: { log: { from: 'words', by: ['user', 'word'], columns: ['length'] } },
        }),
        {
          ownCodes: {
            words: (row: object) => {
              given.push(row);
              return { word: 'a', length: 1 };
            },
          },
        },
      );
    for (const reads of [['url'], ['time', 'url'], []] as const) {
      const driver = reading(reads);
      driver.pipe('clicks', click(1, '/a'));
      expect(driver.rows('log')).toEqual([{ user: 'u', word: 'a', length: 1 }]);
    }
    expect(given).toEqual([{ url: '/a' }, { time: 1, url: '/a' }, {}]);
  });

  it('moves event time with records that gave no row', () => {
    const driver = start();
    driver.pipe('clicks', click(10, '/'));
    expect(driver.watermark('per_word')).toBe(5);
    driver.pipe('clicks', click(20, 'boom'));
    expect(driver.watermark('per_word')).toBe(15);
  });

  it('sends a record that it fails on to the dead letter, whole, and goes on', () => {
    const driver = start();
    driver.pipeAll('clicks', [click(1, 'boom'), click(2, 'odd'), click(3, '/fine')]);
    expect(driver.deadLetters()).toEqual([
      {
        ...{ source: 'clicks', row: click(1, 'boom'), process: 'words', code: 'STREAMS_OWN_CODE_THREW' },
        reason: 'own code "words" threw: RangeError: no words at 1',
      },
      {
        ...{ source: 'clicks', row: click(2, 'odd'), process: 'words', code: 'STREAMS_OWN_CODE_VALUE' },
        reason: 'own code "words" returned what has a field "length" that is 1.5, not an int',
      },
    ]);
    expect(driver.rows('log')).toMatchObject([{ word: 'fine' }]);
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('all')).toMatchObject([{ clicks: 3 }]);
  });

  const good = { word: 'a', length: 1, rank: null };
  it.each([
    [[good, { ...good, word: null }], 'has a field "word" that is null, not a string'],
    [{ word: 'a' }, 'has a field "length" that is undefined, not an int'],
    [{ ...good, length: 2 ** 31 }, 'has a field "length" that is 2147483648, not an int'],
    [{ ...good, rank: NaN }, 'has a field "rank" that is NaN, not a finite number'],
    [{ ...good, url: '/' }, 'has a field "url", which is none of word, length, rank'],
    ['a', 'is "a", not an object'],
    [Promise.resolve(good), 'is a Promise'],
    [[[good]], 'is an array, not an object'],
  ])('takes nothing of a record for which it returned %j', (returned, reason) => {
    const driver = start(() => returned as never);
    driver.pipe('clicks', click(1, '/x'));
    const [letter] = driver.deadLetters();
    expect(letter).toMatchObject({ code: 'STREAMS_OWN_CODE_VALUE' });
    // What a promise lacks depends on what is looked at first.
    if (!(returned instanceof Promise))
      expect(letter!.reason).toBe(`own code "words" returned what ${reason}`);
    expect(driver.rows('log')).toEqual([]);
  });

  it.each([
    [Object.create(null), 'something that has no text'],
    ['why', 'why'],
  ])('says what was thrown, whatever it is', (thrown, text) => {
    const driver = start(() => {
      throw thrown;
    });
    driver.pipe('clicks', click(1, '/x'));
    expect(driver.deadLetters()).toMatchObject([{ reason: `own code "words" threw: ${text}` }]);
  });

  it('takes null for what may be null and was left out', () => {
    const driver = start(() => ({ word: 'a', length: 1 }) as never);
    driver.pipe('clicks', click(1, '/x'));
    expect(driver.rows('log')).toEqual([{ user: 'u', word: 'a', time: 1, rank: null }]);
  });

  it('cannot write to what others read', () => {
    const driver = start((row) => {
      (row as { user: string }).user = 'changed';
      return good;
    });
    driver.pipe('clicks', click(1, '/x'));
    driver.advanceWatermark('clicks', 100);
    expect(driver.rows('all')).toMatchObject([{ user: 'u' }]);
    expect(driver.rows('log')).toMatchObject([{ user: 'u' }]);
  });

  it('runs once for a record, however many read what it makes', () => {
    let runs = 0;
    const driver = start((row, context) => {
      runs++;
      return words(row, context);
    });
    driver.pipe('clicks', click(1, '/x'));
    expect(runs).toBe(1);
  });

  it('is needed by the test driver', () => {
    expect(() => testPipeline(pipeline)).toThrow(/process "words" of pipeline "clicks" has no code/);
  });

  it('is drawn, and marked as local only', () => {
    expect(describe(pipeline)).toBe(`pipeline clicks
  stage 0 clicks: reads clicks
    words: own code words (version 2) over clicks, local only: returns word, length, rank
    by user · tumbling(sizeMs 100) -> clicks.all
    combine what words made (local only) · where … · by word · tumbling(sizeMs 100) -> clicks.per_word.repartition
    rows what words made (local only) · by user, word -> clicks.log
  stage 1 per_word: reads clicks.per_word.repartition
    merge partial windows tumbling(sizeMs 100) -> clicks.per_word`);
    expect(JSON.parse(describe(pipeline, 'json'))).toMatchObject({
      processes: [{ name: 'words', from: 'clicks', export: 'words', version: 2, localOnly: true }],
      views: [
        { name: 'per_word', localOnly: true },
        { name: 'log', localOnly: true },
        { name: 'all', localOnly: false },
      ],
    });
    expect(['per_word', 'all'].map((name) => isLocalOnly(pipeline, name))).toEqual([true, false]);
    expect(viewColumns(pipeline, 'log').at(-1)).toMatchObject({ type: 'double', unit: 'points' });
  });
});

group('own code among joins, views and own code', () => {
  const N = { type: 'record', name: 'N', fields: [{ name: 'n', type: 'long' }] } as const;
  const M = { type: 'record', name: 'M', fields: [{ name: 'm', type: 'long' }] } as const;
  const many = definePipeline({
    name: 'many',
    sources: { clicks, bought: { ...clicks, topic: 'bought' }, users: { ...clicks, topic: 'users' } },
    joins: {
      both: {
        ...{ left: 'numbered', right: 'bought', on: ['user'], type: 'left', beforeMs: 0, afterMs: 10 },
      },
      known: { stream: 'numbered', globalTable: 'users', on: ['user'], type: 'inner' },
    },
    processes: {
      numbered: { from: 'clicks', ...code, returns: N },
      again: { from: 'numbered', ...code, returns: M },
      paired: { from: 'both', ...code, returns: M },
      windows: { from: 'counted', ...code, returns: M },
    },
    views: {
      pairs: { from: 'both', by: ['user'], columns: ['n'], derive: { n: field('numbered.n') } },
      sums: { from: 'paired', by: ['user'], window, select: { m: sum('m') } },
      twice: { from: 'again', by: ['user'], columns: ['n', 'm'] },
      counted: { from: 'numbered', by: ['user'], window, select: { n: sum('n') } },
      after: { from: 'windows', by: ['user', 'windowStart'], columns: ['n', 'm'] },
      named: {
        ...{ from: 'known', by: ['user'], columns: ['url', 'n'] },
        derive: { url: field('users.url'), n: field('numbered.n') },
      },
    },
  });
  const ownCodes = {
    numbered: ({ url }: { url: string }) => (url === '' ? [] : { n: url.length }),
    again: ({ n }: { n: number }) => ({ m: n * 10 }),
    paired: ({ bought }: { bought: unknown }) => ({ m: bought === null ? 1 : 100 }),
    windows: ({ n }: { n: number }) => {
      if (n > 5) throw new Error('too many');
      return { m: -n };
    },
  };

  it('feeds joins, global tables, windows and more own code, and reads from them', () => {
    const driver = testPipeline(many, { ownCodes });
    driver.pipe('users', click(0, 'U'));
    driver.pipe('clicks', click(10, '/a'));
    driver.pipe('bought', click(12, 'x'));
    driver.pipe('clicks', click(40, '/b'));
    driver.pipe('clicks', click(41, ''));
    expect(driver.rows('twice')).toEqual([
      { user: 'u', n: 2, m: 20 },
      { user: 'u', n: 2, m: 20 },
    ]);
    expect(driver.rows('named')).toMatchObject([{ url: 'U', n: 2 }, { url: 'U' }]);
    for (const source of ['clicks', 'bought']) driver.advanceWatermark(source, 200);
    expect(driver.rows('pairs')).toEqual([
      { user: 'u', n: 2 },
      { user: 'u', n: 2 },
    ]);
    expect(driver.rows('sums')).toMatchObject([{ m: 101 }]);
    expect(driver.rows('after')).toEqual([{ user: 'u', windowStart: 0, n: 4, m: -4 }]);
    driver.pipe('clicks', click(210, '/long/way'));
    driver.advanceWatermark('clicks', 400);
    expect(driver.deadLetters()).toMatchObject([
      { source: 'counted', process: 'windows', row: { user: 'u', n: 9 }, code: 'STREAMS_OWN_CODE_THREW' },
    ]);
  });

  const problemsOf = (change: object) =>
    validateDefinition({ ...structuredClone(many), ...change } as PipelineDefinition).join('\n');
  const { numbered } = many.processes;
  it.each([
    [
      { processes: { numbered: { ...numbered, module: './x.ts' } } },
      /numbered\.module: "\.\/x\.ts" is found/,
    ],
    [{ processes: { numbered: { ...numbered, export: '' } } }, /numbered\.export: "" is no name/],
    [{ processes: { numbered: { ...numbered, version: -1 } } }, /numbered\.version: -1 is not a whole/],
    [
      { processes: { numbered: { ...numbered, reads: ['url', 'nope'] } } },
      /numbered\.reads: there is no field "nope"; there are time, user, url/,
    ],
    [
      { processes: { numbered: { ...numbered, reads: 'url' } } },
      /numbered\.reads: is "url", not a list of names/,
    ],
    [
      { processes: { numbered: { ...numbered, returns: {} } } },
      /numbered\.returns: is \{\}, not an Avro record/,
    ],
    [
      { processes: { numbered: { ...numbered, returns: { ...N, fields: [{ name: 'n', type: 'bytes' }] } } } },
      /numbered\.returns: "n": "bytes" is no type that own code can return/,
    ],
    [
      {
        processes: { numbered: { ...numbered, returns: { ...N, fields: [{ name: 'url', type: 'int' }] } } },
      },
      /returns: "url" is a field of the rows of "clicks"/,
    ],
    [{ processes: { numbered: { ...numbered, from: 'x' } } }, /no source, join, process or view "x"/],
    [
      { processes: { numbered: { ...numbered, from: 'numbered' } } },
      /numbered reads numbered is a ring: nothing may read from itself/,
    ],
    [{ processes: { ...many.processes, clicks: numbered } }, /processes\.clicks: a source has the same name/],
    [
      { processes: { ...many.processes, users2: { ...numbered, from: 'users' } } },
      /"users" is a global table/,
    ],
    [
      { joins: { ...many.joins, more: { ...many.joins.both, left: 'paired' } } },
      /"paired" is own code over "both": only rows that it makes of a source's can be joined/,
    ],
    [
      { processes: { ...many.processes, numbered: { ...numbered, from: 'known' } } },
      /ring through "known"|only rows that it makes/,
    ],
  ])('is refused as %j', (change, problem) => {
    expect(problemsOf(change)).toMatch(problem);
  });

  it('gives out no field that it declares to be about a person', () => {
    const secret = { ...N, fields: [{ ...N.fields[0], pii: true }] };
    expect(
      problemsOf({ processes: { ...many.processes, numbered: { ...numbered, returns: secret } } }),
    ).toMatch(/views\.twice\.columns: "n" is about a person/);
  });
});

group('the fields that own code returns', () => {
  it('are known to the compiler', () => {
    const schema: TypedSchema<{ time: number; user: string; url: string }> = Click;
    const sources = { clicks: { ...clicks, schema } };
    const processes = { words: { from: 'clicks', ...code, returns: Word } } as const;
    const by = ['user', 'word'] as const;
    const select = { letters: sum('length') };
    definePipeline({ name: 'c', sources, processes, views: { v: { from: 'words', by, window, select } } });
    expect(() =>
      definePipeline({
        ...{ name: 'c', sources, processes },
        // @ts-expect-error There is no such field.
        views: { v: { from: 'words', by, window, where: eq(field('wrod'), 'x'), select } },
      }),
    ).toThrow(/there is no field "wrod"/);
  });
});

group('loading own code', () => {
  const loading = (module: string, wanted = 'code') =>
    loadOwnCode({
      ...pipeline,
      processes: { words: { ...pipeline.processes.words, module, export: wanted } },
    });
  const javaScript = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

  it('gives the functions by process', async () => {
    const { words: loaded } = await loading(javaScript('export const code = ({ n }) => ({ m: n + 1 });'));
    expect((loaded as AnyOwnCode)({ n: 1 } as never, { timeMs: 0 })).toEqual({ m: 2 });
    await expect(loadOwnCode({ ...pipeline, processes: {} })).resolves.toEqual({});
  });

  it.each([
    [
      'file:///no/such/module.js',
      /process "words" of pipeline "clicks": the module file:\/\/\/no\/such.* cannot be loaded .*import\.meta\.resolve/,
    ],
    [javaScript('throw new Error("no licence")'), /cannot be loaded \(no licence\)/],
    [javaScript('export const other = 1;'), /exports no "code"; it exports other/],
    [javaScript('export const code = 1;'), /"code" is number, not a function/],
    [javaScript('export const code = async () => ({});'), /is an AsyncFunction: own code returns its rows/],
    [javaScript('export function* code() {}'), /is an GeneratorFunction/],
  ])('refuses %s', async (module, problem) => {
    await expect(loading(module)).rejects.toMatchObject({
      code: 'STREAMS_OWN_CODE',
      message: expect.stringMatching(problem) as unknown,
    });
  });
});
