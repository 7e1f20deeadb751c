import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { StreamsError } from '../errors.ts';
import { taskName } from '../group/assignment.ts';
import type { Runner } from '../runtime/runner.ts';
import type { Topology } from '../topology/topology.ts';
import { askPeer, rebalancing } from './ask-peer.ts';
import type { QueriesOptions } from './ask-peer.ts';
import { defaultLimit, maxRows, mergeAnswers } from './query.ts';
import type { PeerQuery, Query, QueryAnswer } from './query.ts';
import { queryPlan } from './query-plan.ts';

export interface QueryRouterOptions {
  readonly definition: PipelineDefinition;
  readonly topology: Topology;
  readonly partitionsOf: (topic: string) => number;
  readonly runner: Runner;
  /** Absent: only the tasks of this process are asked. */
  readonly peers: QueriesOptions | undefined;
}

/** Answers queries from the tasks here, and from those of the other instances by asking whoever owns them. */
export class QueryRouter {
  readonly #options: QueryRouterOptions;

  constructor(options: QueryRouterOptions) {
    this.#options = options;
  }

  /** @throws STREAMS_QUERY, STREAMS_REBALANCING, STREAMS_PEER */
  async query(query: Query): Promise<QueryAnswer> {
    const { partitionsOf, peers } = this.#options;
    const { stage, partitions } = queryPlan(this.#options, partitionsOf, query);
    const own = await this.#options.runner.query({ ...query, partitions });
    const missing = partitions.filter((partition) => !own.partitions.includes(partition));
    if (missing.length === 0) return own;
    if (peers === undefined) return { ...own, isComplete: false };
    return mergeAnswers([own, ...(await this.#askOwners(query, { stage, missing, peers }))], query);
  }

  /** The part of another instance's query that is here. @throws STREAMS_REBALANCING unless all of it is */
  async answerPeer({ partitions, generationId, ...query }: PeerQuery): Promise<QueryAnswer> {
    const { runner, definition } = this.#options;
    // Whoever is of another generation may hold what is no longer its own.
    if (runner.status.group?.generationId !== generationId) throw rebalancing(definition.name);
    const own = await runner.query({ ...query, partitions });
    if (partitions.some((partition) => !own.partitions.includes(partition)))
      throw rebalancing(definition.name);
    return own;
  }

  async #askOwners(
    query: Query,
    { stage, missing, peers }: { stage: number; missing: readonly number[]; peers: QueriesOptions },
  ): Promise<QueryAnswer[]> {
    const { definition, runner } = this.#options;
    const { group } = runner.status;
    if (group === undefined) throw rebalancing(definition.name);
    const byOwner = Map.groupBy(missing, (partition) => {
      const task = taskName({ stage, partition });
      return Object.keys(group.owners).find((url) => group.owners[url]!.includes(task));
    });
    const hidden = byOwner.get(undefined);
    if (hidden !== undefined)
      throw new StreamsError(
        'STREAMS_PEER',
        `partition ${hidden[0]} of view "${query.view}" belongs to an instance of pipeline "${definition.name}" that cannot be asked; start all of them with "queries"`,
      );
    // By the assignment they are here, and yet they did not answer.
    if (byOwner.has(peers.url)) throw rebalancing(definition.name);
    const { generationId } = group;
    const limit = Math.min(query.limit ?? defaultLimit, maxRows);
    return Promise.all(
      [...byOwner].map(([url, partitions]) =>
        askPeer({ ...peers, url: url! }, definition.name, { ...query, limit, partitions, generationId }),
      ),
    );
  }
}
