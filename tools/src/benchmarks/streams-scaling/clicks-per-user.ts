import { count, tumbling } from '@millrace/windowing';
import { definePipeline } from '@millrace/streams';
import { ClickSchema } from '../engines/clicks.ts';

export interface ClicksPerUser {
  readonly name: string;
  readonly topic: string;
  readonly windowMs: number;
  readonly emit: 'onClose' | 'onUpdate';
}

/** The wide job of the comparison of engines, with any window. */
export const clicksPerUser = ({ name, topic, windowMs, emit }: ClicksPerUser) =>
  definePipeline({
    name,
    sources: { clicks: { topic, schema: ClickSchema, partitionedBy: ['user_id'] } },
    views: {
      counts: {
        from: 'clicks',
        by: ['user_id'],
        window: tumbling({ sizeMs: windowMs }),
        emit,
        select: { clicks: count() },
      },
    },
  });
