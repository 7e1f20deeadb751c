/** What a thread of `workers: N` runs: one member of the group, as told by its `workerData`. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kafka/broker-error.ts';
import { Cluster } from '../../kafka/cluster.ts';
import { loadOwnCode } from '../../own-code/load-own-code.ts';
import { topologyOf } from '../../topology/topology.ts';
import { localRunner } from '../local-runner.ts';
import { loadSerdes } from '../serdes-module.ts';
import { errorData } from './thread-messages.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread-messages.ts';

/** Figures of other threads are as old as this at most. */
const statusEveryMs = 50;

const {
  definition,
  prepared,
  cluster: clusterOptions,
  settings,
  serdes,
  count,
} = workerData as ThreadSettings;
const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);

const cluster = new Cluster(clusterOptions);
const commitsMs: number[] = [];
const mayJoin = Promise.withResolvers<void>();
try {
  const runner = localRunner({
    definition,
    topology: topologyOf(definition),
    prepared,
    cluster,
    serdes: await loadSerdes(serdes),
    ownCodes: await loadOwnCode(definition),
    settings,
    onEvent: (event) => say({ type: 'event', event }),
    now: Date.now,
    siblings: {
      count,
      areReady: () => {
        say({ type: 'ready' });
        return mayJoin.promise;
      },
    },
  });
  runner.observeCommits((durationMs) => commitsMs.push(durationMs));
  const sayStatus = () => say({ type: 'status', status: runner.status, commitsMs: commitsMs.splice(0) });
  port.on('message', (message: ToThread) => {
    // What is told to stop does not join any more.
    if (message.type === 'join' || message.type === 'stop') mayJoin.resolve();
    if (message.type === 'join') return;
    if (message.type !== 'query') {
      runner[message.type]();
      return;
    }
    const { id, query } = message;
    runner.query(query).then(
      (answer) => say({ type: 'answer', id, answer }),
      (error: unknown) => say({ type: 'refusal', id, error: errorData(error) }),
    );
  });
  const timer = setInterval(sayStatus, statusEveryMs);
  await runner.run().finally(() => {
    clearInterval(timer);
    sayStatus();
  });
  say({ type: 'ended' });
} catch (error) {
  say({ type: 'failed', error: { ...errorData(error), message: messageOf(error) } });
} finally {
  cluster.close();
  port.close();
}
