import { kafka } from './kafka.ts';
import { registry } from './registry.ts';
import type { Service } from './service.ts';

/** Every service that can be run here, in the order of starting. */
export const catalog: readonly Service[] = [kafka, registry];
