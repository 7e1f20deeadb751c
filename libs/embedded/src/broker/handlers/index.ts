import { apiVersionsHandler } from './api-versions.ts';
import { alterConfigsHandler, describeConfigsHandler, incrementalAlterConfigsHandler } from './configs.ts';
import { fetchHandler } from './fetch.ts';
import {
  heartbeatHandler,
  joinGroupHandler,
  leaveGroupHandler,
  syncGroupHandler,
} from './group-membership.ts';
import {
  deleteGroupsHandler,
  describeGroupsHandler,
  findCoordinatorHandler,
  listGroupsHandler,
} from './groups.ts';
import type { AnyHandler } from './handler.ts';
import { offsetForLeaderEpochHandler } from './leader-epoch.ts';
import { listOffsetsHandler } from './list-offsets.ts';
import { describeClusterHandler, metadataHandler } from './metadata.ts';
import { offsetCommitHandler, offsetDeleteHandler, offsetFetchHandler } from './offsets.ts';
import { produceHandler } from './produce.ts';
import { saslAuthenticateHandler, saslHandshakeHandler } from './sasl.ts';
import {
  createPartitionsHandler,
  createTopicsHandler,
  deleteRecordsHandler,
  deleteTopicsHandler,
} from './topics.ts';
import {
  addOffsetsToTxnHandler,
  addPartitionsToTxnHandler,
  endTxnHandler,
  initProducerIdHandler,
  txnOffsetCommitHandler,
} from './transactions.ts';
import { apiVersions } from '../protocol/messages/index.ts';

const served: readonly AnyHandler[] = [
  produceHandler,
  fetchHandler,
  listOffsetsHandler,
  metadataHandler,
  offsetCommitHandler,
  offsetFetchHandler,
  findCoordinatorHandler,
  joinGroupHandler,
  heartbeatHandler,
  leaveGroupHandler,
  syncGroupHandler,
  describeGroupsHandler,
  listGroupsHandler,
  saslHandshakeHandler,
  createTopicsHandler,
  deleteTopicsHandler,
  deleteRecordsHandler,
  initProducerIdHandler,
  offsetForLeaderEpochHandler,
  addPartitionsToTxnHandler,
  addOffsetsToTxnHandler,
  endTxnHandler,
  txnOffsetCommitHandler,
  describeConfigsHandler,
  alterConfigsHandler,
  saslAuthenticateHandler,
  createPartitionsHandler,
  deleteGroupsHandler,
  incrementalAlterConfigsHandler,
  offsetDeleteHandler,
  describeClusterHandler,
];

/** How every API is served, by its key. */
export const handlers: ReadonlyMap<number, AnyHandler> = new Map(
  [...served, apiVersionsHandler([...served.map(({ api }) => api), apiVersions])].map((one) => [
    one.api.key,
    one,
  ]),
);
