import {
  concat,
  contains,
  field,
  isIn,
  isNull,
  lt,
  mask,
  and,
  not,
  splitPart,
  when,
} from '@millrace/streams';
import { table } from '@millrace/views';
import { stored } from './kept.ts';

const byTime = { by: ['event_id'], time: 'event_time', ...stored } as const;
/** People and addresses by pseudonyms, which are equal for equal ones. */
const user = mask(field('user_id'));
const address = mask(field('ip'));
const network = when(contains(field('ip'), ':'), 'IPv6', 'IPv4');

const unlike = <Name extends string>(name: Name, known: readonly string[]) =>
  [not(isIn(field(name), known)), concat(`unknown ${name} `, field(name))] as const;

/** The three streams as event logs: checked (`problem` says what is wrong with an event), with people masked. */
export const logs = {
  session_logs: {
    from: 'sessions',
    description: 'Session events',
    derive: {
      user,
      address,
      network,
      problem: when(
        ...unlike('event_type', ['start', 'heartbeat', 'end', 'timeout']),
        lt(field('duration_ms'), 0),
        'negative duration_ms',
        and(isIn(field('event_type'), ['end', 'timeout']), isNull(field('duration_ms'))),
        'an end without duration_ms',
      ),
    },
    ...byTime,
    columns: [
      ...['event_time', 'event_type', 'user', 'session_id', 'address', 'network', 'country', 'city'],
      ...['device', 'os', 'browser', 'duration_ms', 'simulated', 'problem'],
    ],
    panels: [
      table({
        title: 'Session events',
        columns: ['event_time', 'event_type', 'user', 'session_id', 'city', 'device', 'duration_ms'],
      }),
    ],
  },
  auth_logs: {
    from: 'auth',
    description: 'Authentication events',
    derive: {
      user,
      name: mask(field('username')),
      address,
      network,
      browser: splitPart(field('user_agent'), ' on ', 0),
      os: splitPart(field('user_agent'), ' on ', 1),
      problem: when(
        ...unlike('event_type', ['login', 'logout', 'lockout', 'unlock', 'password_change', 'mfa']),
        and(not(field('success')), isNull(field('failure_reason'))),
        'a failure without failure_reason',
      ),
    },
    ...byTime,
    columns: [
      ...['event_time', 'event_type', 'success', 'failure_reason', 'method', 'user', 'name', 'session_id'],
      ...['address', 'network', 'country', 'city', 'browser', 'os', 'simulated', 'problem'],
    ],
    panels: [
      table({
        title: 'Authentication events',
        columns: [
          'event_time',
          'event_type',
          'success',
          'failure_reason',
          'method',
          'user',
          'address',
          'city',
        ],
      }),
    ],
  },
  activity_logs: {
    from: 'activity',
    description: 'Activities',
    derive: {
      user,
      address,
      network,
      area: splitPart(field('resource'), '/', 1),
      problem: when(
        ...unlike('activity_type', [
          ...['view', 'search', 'create', 'update', 'delete', 'download', 'upload', 'share', 'export'],
        ]),
        lt(field('duration_ms'), 0),
        'negative duration_ms',
        lt(field('bytes'), 0),
        'negative bytes',
      ),
    },
    ...byTime,
    columns: [
      ...['event_time', 'activity_type', 'resource', 'area', 'success', 'status', 'duration_ms', 'bytes'],
      ...['user', 'session_id', 'address', 'network', 'simulated', 'problem'],
    ],
    panels: [
      table({
        title: 'Activities',
        columns: ['event_time', 'activity_type', 'resource', 'success', 'status', 'duration_ms', 'user'],
      }),
    ],
  },
} as const;
