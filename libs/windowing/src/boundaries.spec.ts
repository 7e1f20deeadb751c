/** The edges of every kind of window, drawn: one column is one millisecond, one line of events arrives after the other. */
import { describe, expect, it } from '@jest/globals';
import { draw } from '../test/drawing.ts';
import { cumulative, hopping, session, sliding, tumbling } from './index.ts';

describe('tumbling windows', () => {
  it('hold an event at their start and not one at their end', () => {
    expect(draw({ window: tumbling({ sizeMs: 5 }), events: 'a   a\n     a' })).toBe(`
a [----) 2 final
-- end of input
a      [----) 1 final
`);
  });

  it('close exactly when the watermark reaches their end', () => {
    const window = tumbling({ sizeMs: 5 });
    expect(draw({ window, outOfOrderMs: 2, events: 'a\n      a', finish: false })).toBe('\n\n');
    expect(draw({ window, outOfOrderMs: 2, events: 'a\n       a', finish: false })).toBe(`
a [----) 1 final
`);
  });

  it('are revised one before the end of grace, and missed exactly at end + grace', () => {
    const window = tumbling({ sizeMs: 5 });
    expect(draw({ window, graceMs: 3, events: 'a\n       b\n a' })).toBe(`
a [----) 1 final
a [----) 2 revised 1
-- end of input
b      [----) 1 final
`);
    expect(draw({ window, graceMs: 3, events: 'a\n        b\n a' })).toBe(`
a [----) 1 final
a [....) late
-- end of input
b      [----) 1 final
`);
  });

  it('take an event that is late by the greatest time seen but not by the watermark', () => {
    expect(draw({ window: tumbling({ sizeMs: 5 }), outOfOrderMs: 3, events: '       a\n    a' })).toBe(`
-- end of input
a [----) 1 final
a      [----) 1 final
`);
  });

  it('lie on both sides of time 0 alike', () => {
    expect(draw({ window: tumbling({ sizeMs: 5 }), from: -10, events: '    aa    aa' })).toBe(`
a [----) 1 final
a      [----) 1 final
-- end of input
a           [----) 2 final
`);
  });

  it('move by their offset, a negative one and one above the size too', () => {
    for (const offsetMs of [2, -3, 7]) {
      expect(draw({ window: tumbling({ sizeMs: 5, offsetMs }), from: -3, events: '     a    a' })).toBe(`
a      [----) 1 final
-- end of input
a           [----) 1 final
`);
    }
  });
});

describe('hopping windows', () => {
  it('count an event in each window that holds it', () => {
    expect(draw({ window: hopping({ sizeMs: 6, advanceMs: 2 }), from: -4, events: '    a a' })).toBe(`
a [-----) 1 final
-- end of input
a   [-----) 2 final
a     [-----) 2 final
a       [-----) 1 final
`);
  });

  it('have an event missed by those that are gone and counted by the others', () => {
    const window = hopping({ sizeMs: 6, advanceMs: 3 });
    expect(draw({ window, from: -3, events: '         a\n       a' })).toBe(`
a    [.....) late
-- end of input
a       [-----) 2 final
a          [-----) 1 final
`);
  });

  it('may have a size that is no multiple of their advance', () => {
    expect(draw({ window: hopping({ sizeMs: 5, advanceMs: 3 }), from: -3, events: '   aaaaa' })).toBe(`
a [----) 2 final
-- end of input
a    [----) 5 final
a       [----) 2 final
`);
  });
});

describe('cumulative windows', () => {
  it('share a start and grow step by step', () => {
    expect(draw({ window: cumulative({ maxSizeMs: 9, stepMs: 3 }), events: 'a   a  a  a' })).toBe(`
a [--) 1 final
a [-----) 2 final
a [--------) 3 final
-- end of input
a          [--) 1 final
a          [-----) 1 final
a          [--------) 1 final
`);
  });
});

describe('sessions', () => {
  const window = session({ gapMs: 4 });

  it('hold events exactly one gap apart, and end where they are one more apart', () => {
    expect(draw({ window, events: 'a   a' })).toBe(`
-- end of input
a [-------) 2 final
`);
    expect(draw({ window, events: 'a    a' })).toBe(`
a [---) 1 final
-- end of input
a      [---) 1 final
`);
  });

  it('are open when the watermark is at their end, and closed when it is past it', () => {
    expect(draw({ window, events: 'a\n    b', finish: false })).toBe('\n\n');
    expect(draw({ window, events: 'a\n     b', finish: false })).toBe(`
a [---) 1 final
`);
  });

  it('become one by an event between them', () => {
    expect(draw({ window, outOfOrderMs: 20, events: 'a      a\n    a' })).toBe(`
-- end of input
a [----------) 3 final
`);
  });

  it('take back results that are out before the merged one comes', () => {
    expect(draw({ window, graceMs: 20, events: 'a      a\n             b\n    a' })).toBe(`
a [---) 1 final
a        [---) 1 final
a [---) retracted
a        [---) retracted
a [----------) 3 revised 1
-- end of input
b              [---) 1 final
`);
  });

  it('are not brought back by a late event that bridges a gone one and a live one', () => {
    expect(draw({ window, graceMs: 0, outOfOrderMs: 2, events: 'a      a\n    a' })).toBe(`
a [---) 1 final
-- end of input
a     [------) 2 final
`);
  });

  it('miss an event whose own session would be gone', () => {
    expect(draw({ window, graceMs: 2, events: '       b\n a\n        b\n a' })).toBe(`
a  [---) 1 revised 1
a  [...) late
-- end of input
b        [----) 2 final
`);
  });
});

describe('sliding windows', () => {
  it('hold what lies at most their size before an event, both ends included', () => {
    expect(draw({ window: sliding({ sizeMs: 3 }), from: -3, events: '   a  aa' })).toBe(`
a [---) 1 final
a    [---) 2 final
-- end of input
a     [---) 2 final
`);
  });

  it('are corrected by an event that comes before them', () => {
    expect(draw({ window: sliding({ sizeMs: 3 }), from: -3, graceMs: 10, events: '     a  b\n    a' })).toBe(`
a   [---) 1 final
a  [---) 1 revised 1
a   [---) 2 revised 1
-- end of input
b      [---) 1 final
`);
  });
});

describe('results on update', () => {
  it('come as filling after each count of events, then final', () => {
    expect(draw({ window: tumbling({ sizeMs: 9 }), emit: { everyEvents: 2 }, events: 'aaaaa\n         b' }))
      .toBe(`
a [--------) 2 filling
a [--------) 4 filling
a [--------) 5 final
-- end of input
b          [--------) 1 final
`);
  });

  it('come as filling each time the watermark passes a step', () => {
    expect(draw({ window: tumbling({ sizeMs: 9 }), emit: { everyMs: 3 }, events: 'a aa a' })).toBe(`
a [--------) 3 filling
-- end of input
a [--------) 4 final
`);
  });
});
