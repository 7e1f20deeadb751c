import { describe, expect, it } from '@jest/globals';
import { count, tumbling } from '@millrace/windowing';
import { definePipeline } from '../definition/define-pipeline.ts';
import { topologyOf } from '../topology/topology.ts';
import { assignMembers, decodeShare, encodeClaim } from './group-assignment.ts';

const topology = topologyOf(
  definePipeline({
    name: 'clicks',
    sources: {
      clicks: {
        topic: 'clicks',
        schema: {
          type: 'record',
          name: 'Click',
          fields: [
            { name: 'time', type: 'long', eventTime: true },
            { name: 'page', type: 'string' },
          ],
        } as const,
      },
    },
    views: {
      pages: {
        from: 'clicks',
        by: ['page'],
        window: tumbling({ sizeMs: 1_000 }),
        select: { clicks: count() },
      },
    },
  }),
);
const member = (memberId: string, queryUrl?: string) => ({
  memberId,
  metadata: encodeClaim(topology, { owned: [], generationId: -1, warm: {}, place: memberId, queryUrl }),
});

describe('assignMembers', () => {
  it('tells every member at which URL which tasks can be asked for; members of one process share a URL', () => {
    const members = [
      member('a', 'http://one'),
      member('b', 'http://one'),
      member('c', 'http://two'),
      member('d'),
    ];
    const assignments = assignMembers(topology, { partitionsOf: () => 4, standbys: 0 }, members);
    const tasks = (memberId: string) =>
      decodeShare(topology, assignments.get(memberId)!).tasks.map(
        ({ stage, partition }) => `${stage}_${partition}`,
      );
    for (const assignment of assignments.values()) {
      const { owners } = decodeShare(topology, assignment);
      expect(Object.keys(owners).sort()).toEqual(['http://one', 'http://two']);
      expect([...owners['http://one']!].sort()).toEqual([...tasks('a'), ...tasks('b')].sort());
      expect([...owners['http://two']!].sort()).toEqual(tasks('c').sort());
    }
  });

  it('takes an assignment without notes for one that names nobody', () => {
    expect(decodeShare(topology, Buffer.alloc(0))).toEqual({ tasks: [], standbys: [], owners: {} });
  });
});
