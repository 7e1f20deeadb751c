import { describe, expect, it } from '@jest/globals';
import { KnownProfiles } from './known-profiles.ts';

describe('KnownProfiles', () => {
  it('tells new, changed and unchanged profiles apart, and says what has to be kept', () => {
    const known = new KnownProfiles(new Map([['ann', '1']]));
    expect(known.see('ann', '1')).toEqual({ change: 'unchanged', keep: [] });
    expect(known.see('ann', '2')).toEqual({
      change: 'updated',
      keep: [{ stateKey: 'ann', stateValue: '2' }],
    });
    expect(known.see('bob', '1')).toEqual({
      change: 'created',
      keep: [{ stateKey: 'bob', stateValue: '1' }],
    });
    expect(known.see('bob', '1').change).toBe('unchanged');
  });

  it('forgets the one changed longest ago when there are too many', () => {
    const known = new KnownProfiles(
      new Map([
        ['ann', '1'],
        ['bob', '1'],
      ]),
      2,
    );
    known.see('ann', '2');
    expect(known.see('cem', '1').keep).toEqual([
      { stateKey: 'cem', stateValue: '1' },
      { stateKey: 'bob', stateValue: null },
    ]);
    expect(known.see('bob', '1').change).toBe('created');
  });
});
