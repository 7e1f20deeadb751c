import { describe, expect, it } from '@jest/globals';
import { settingFault, TOPIC_SETTINGS, TopicConfig } from './topic-config.ts';
import { topicNameFault } from './topic-name.ts';

describe('topic settings', () => {
  it('have defaults that are allowed themselves', () => {
    for (const [name, { fallback }] of Object.entries(TOPIC_SETTINGS))
      expect(settingFault(name, fallback)).toBeUndefined();
  });

  it('refuse names and values that cannot be', () => {
    const wrong = {
      'retention.ms': '-2',
      'cleanup.policy': 'archive',
      'segment.bytes': '1e9',
      'min.cleanable.dirty.ratio': 'half',
      preallocate: 'yes',
      toString: 'x',
      'message.timestamp.type': 'createtime',
    };
    for (const [name, value] of Object.entries(wrong)) expect(settingFault(name, value)).toContain(name);
  });

  it('come from the topic, else from the broker, else from Kafka', () => {
    const config = new TopicConfig({ 'retention.ms': '5' }, { 'retention.ms': '6', 'segment.bytes': '1000' });
    expect([config.get('retention.ms'), config.get('segment.bytes'), config.get('retention.bytes')]).toEqual([
      '5',
      '1000',
      '-1',
    ]);
    config.set('retention.ms', undefined);
    config.set('cleanup.policy', 'compact, delete');
    expect(config.log).toMatchObject({ retentionMs: 6, segmentBytes: 1000, compacts: true, deletes: true });
  });
});

describe('topic names', () => {
  it('are what Kafka allows', () => {
    for (const name of ['a', 'A.b-c_9', 'x'.repeat(249)]) expect(topicNameFault(name)).toBeUndefined();
    for (const name of ['', '.', '..', 'a b', 'ä', 'a/b', 'x'.repeat(250)])
      expect(topicNameFault(name)).toContain('invalid');
  });
});
