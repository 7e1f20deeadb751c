import { cassandra } from './cassandra.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { prometheus } from './prometheus.ts';
import { redis } from './redis.ts';
import { registry } from './registry.ts';
import { s3 } from './s3.ts';
import type { Service } from './service.ts';

/** Every service that can be run here. */
export const catalog: readonly Service[] = [kafka, registry, cassandra, s3, redis, postgres, prometheus];
