import { ErrorCode } from '../protocol/error-code.ts';
import { apiVersions, produce } from '../protocol/messages/index.ts';
import type { Api } from '../protocol/schema.ts';
import { handler } from './handler.ts';

/**
 * The APIs and versions that are spoken. Produce is announced from 0 although it is taken from 3 on, as Apache Kafka
 * does: librdkafka otherwise takes the broker for one that cannot compress.
 * @see https://issues.apache.org/jira/browse/KAFKA-18659
 */
export function apiVersionsHandler(apis: readonly Api[]) {
  const apiKeys = apis.map(({ key, versions: [oldest, newest] }) => ({
    apiKey: key,
    minVersion: key === produce.key ? 0 : oldest,
    maxVersion: newest,
  }));
  return handler(apiVersions, {
    handle: () => ({ errorCode: ErrorCode.none, apiKeys }),
    refuse: (_, errorCode) => ({
      errorCode,
      apiKeys: apiKeys.filter(({ apiKey }) => apiKey === apiVersions.key),
    }),
  });
}
