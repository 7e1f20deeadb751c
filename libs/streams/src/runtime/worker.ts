import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { StreamsError } from '../errors.ts';
import { isFenced, messageOf } from '../kafka/broker-error.ts';
import type { Cluster } from '../kafka/cluster.ts';
import { GroupMember } from '../kafka/group-member.ts';
import type { Generation } from '../kafka/group-member.ts';
import { pause } from '../kafka/retry.ts';
import { TransactionalProducer } from '../kafka/transactional-producer.ts';
import type { Topology } from '../topology/topology.ts';
import { taskName } from './assignment.ts';
import type { TaskId } from './assignment.ts';
import { newCounters } from './counters.ts';
import type { PipelineCounters } from './counters.ts';
import { Fetcher } from './fetcher.ts';
import { assignMembers, decodeTasks, encodeClaim } from './group-assignment.ts';
import { OutputBuffer } from './output-buffer.ts';
import { PartitionInput } from './partition-input.ts';
import type { OnEvent, Serdes } from './ports.ts';
import type { Prepared } from './preparation.ts';
import { restoreTask } from './restore-task.ts';
import { SetAside } from './set-aside.ts';
import type { Task } from './task.ts';
import { TaskFactory } from './task-factory.ts';
import type { RuntimeSettings } from './runtime-settings.ts';

export interface WorkerOptions {
  readonly definition: PipelineDefinition;
  readonly topology: Topology;
  readonly prepared: Prepared;
  readonly cluster: Cluster;
  readonly serdes: Serdes;
  readonly settings: RuntimeSettings;
  readonly onEvent: OnEvent;
  readonly now: () => number;
}

/** Why the processing loop ended. */
type Outcome = 'stopped' | 'rejoin' | 'failed';

/** Records between two looks at the clock and the network. */
const chunkRecords = 16_384;
const tickMs = 50;

/** One member of the group: its tasks, its transactions. All of it runs on one thread; only requests overlap. */
export class Worker {
  readonly counters: PipelineCounters = newCounters();
  readonly tasks = new Map<string, Task>();
  readonly #options: WorkerOptions;
  readonly #output: OutputBuffer;
  readonly #factory: TaskFactory;
  readonly #member: GroupMember;
  readonly #producer: TransactionalProducer;
  readonly #fetcher: Fetcher;
  /** Ends everything at once, also what waits for a broker. */
  readonly #abort = new AbortController();
  readonly #waiting = new Set<Task>();
  #isStopping = false;
  #isPaused = false;
  #rejoin: string | undefined;
  #failure: unknown;
  #fatal: unknown;
  #commit: Promise<void> | undefined;
  #lastCommitMs = 0;
  #wake: (() => void) | undefined;
  #generation: Generation | undefined;
  lastCommitDurationMs = 0;

  constructor(options: WorkerOptions) {
    const { definition, topology, prepared, cluster, serdes, settings, onEvent, now } = options;
    this.#options = options;
    this.#output = new OutputBuffer(settings.compression);
    const aside = new SetAside(definition.name, this.#output, this.counters);
    this.#factory = new TaskFactory({
      definition,
      topology,
      serdes,
      schemaIds: prepared.schemaIds,
      partitionCounts: prepared.partitionCounts,
      output: this.#output,
      aside,
      counters: this.counters,
      now,
      defaultIdleAfterMs: settings.idleAfterMs,
    });
    const { signal } = this.#abort;
    const onRetry = (error: unknown, attempt: number) => this.#reportRetry(error, attempt);
    this.#member = new GroupMember({
      cluster,
      groupId: settings.groupId,
      protocol: 'millrace-1',
      instanceId: settings.instanceId ?? null,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      signal,
      metadata: () =>
        encodeClaim(topology, {
          owned: [...this.tasks.keys()],
          generationId: this.#member.generationId,
        }),
      assign: (members) =>
        Promise.resolve(assignMembers(topology, (topic) => prepared.partitionCounts.get(topic)!, members)),
      onRejoinNeeded: (reason) => {
        this.#rejoin = reason;
        this.#wakeUp();
      },
      onRetry,
    });
    this.#producer = new TransactionalProducer({
      cluster,
      transactionalId: settings.transactionalId,
      transactionTimeoutMs: settings.transactionTimeoutMs,
      signal,
      onRetry,
    });
    this.#fetcher = new Fetcher({
      cluster,
      role: 'fetch',
      maxWaitMs: settings.fetchMaxWaitMs,
      maxPartitionBytes: settings.maxPartitionBytes,
      maxQueuedBytes: settings.maxQueuedBytes,
      now,
      onData: () => this.#wakeUp(),
      onError: (error) => onEvent({ level: 'warn', event: 'fetch-failed', message: messageOf(error) }),
      onOutOfRange: (input) => this.#outOfRange(input),
    });
  }

  /** Runs until `stop`. @throws what makes going on pointless: a newer process of the same instance, state of another definition */
  async run(): Promise<void> {
    try {
      await this.#producer.init();
      let generation: Generation | undefined;
      while (!this.#isStopping) {
        if (generation === undefined) {
          this.#rejoin = undefined;
          generation = await this.#member.join();
          this.counters.rebalances++;
        }
        this.#adopt(generation);
        const outcome = await this.#process();
        if (outcome === 'stopped') break;
        if (outcome === 'failed') generation = await this.#recover(generation);
        else generation = undefined;
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    } finally {
      this.#fetcher.stop();
      await this.#member.leave();
      this.#abort.abort();
    }
  }

  /** Commits what was counted and leaves the group; gives up after `stopTimeoutMs`, then the rest is counted again later. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wakeUp();
    const { stopTimeoutMs } = this.#options.settings;
    void pause(stopTimeoutMs, this.#abort.signal).then(() => this.#abort.abort());
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wakeUp();
  }

  get isSettled(): boolean {
    return this.#commit === undefined && [...this.tasks.values()].every((task) => !task.isDirty);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Takes up an assignment: keeps what it had and still has, unless others may have had it in between. */
  #adopt(generation: Generation): void {
    const { topology, onEvent } = this.#options;
    this.#generation = generation;
    const assigned = decodeTasks(topology, generation.assignment);
    const names = new Set(assigned.map(taskName));
    for (const [name, task] of this.tasks) if (generation.wasLost || !names.has(name)) this.#drop(task);
    const fresh = assigned.filter((id) => !this.tasks.has(taskName(id)));
    onEvent({
      level: 'info',
      event: 'assigned',
      message: `generation ${generation.generationId}: ${assigned.length} tasks, ${fresh.length} of them new`,
      generationId: generation.generationId,
      tasks: [...names],
    });
    for (const id of fresh) this.#restore(id);
  }

  #drop(task: Task): void {
    this.tasks.delete(task.name);
    this.#waiting.delete(task);
    if (task.input !== undefined) this.#fetcher.remove(task.input);
  }

  #restore(id: TaskId): void {
    const { topology, cluster, settings, onEvent, now } = this.#options;
    const task = this.#factory.create(id);
    this.tasks.set(task.name, task);
    const { topic } = topology.stages[id.stage]!;
    const place = { topic, partition: id.partition };
    restoreTask(task, {
      cluster,
      ...place,
      groupId: settings.groupId,
      startFrom: topology.stages[id.stage]!.kind === 'merge' ? 'earliest' : settings.startFrom,
      signal: this.#abort.signal,
      isWanted: () => this.tasks.get(task.name) === task,
      onEvent,
    })
      .then((restored) => {
        // It may have been given up while its last answer was under way.
        if (restored === undefined || this.tasks.get(task.name) !== task) return;
        this.counters.restores++;
        this.counters.restoredRecords += restored.recordCount;
        task.position = restored.offset;
        task.committed = restored.committed;
        task.isRestoring = false;
        task.input = new PartitionInput({ ...place, offset: restored.offset, nowMs: now() });
        this.#fetcher.add(task.input);
        this.#wakeUp();
      })
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted || this.tasks.get(task.name) !== task) return;
        this.#fatal = error;
        this.#wakeUp();
      });
  }

  async #process(): Promise<Outcome> {
    const { settings, now } = this.#options;
    let tickedMs = 0;
    for (;;) {
      if (this.#fatal !== undefined) throw this.#fatal;
      if (this.#failure !== undefined) return 'failed';
      if (this.#isStopping || this.#rejoin !== undefined) {
        await this.#commitAll();
        if (this.#failure !== undefined) return this.#isStopping ? 'stopped' : 'failed';
        return this.#isStopping ? 'stopped' : 'rejoin';
      }
      const nowMs = now();
      if (nowMs - tickedMs >= tickMs) {
        tickedMs = nowMs;
        for (const task of this.tasks.values()) task.tick(nowMs);
      }
      const task = this.#isPaused ? undefined : this.#next();
      if (task !== undefined) this.#step(task, nowMs);
      this.#commitIfDue(nowMs);
      if (this.#output.pendingBytes > settings.maxPendingBytes && this.#commit !== undefined)
        await this.#commit;
      else if (task === undefined) await this.#sleep(tickMs);
      else await new Promise(setImmediate);
    }
  }

  /** The task to go on with: partial windows before events, then who is furthest behind in event time. */
  #next(): Task | undefined {
    let best: Task | undefined;
    let bestRank = Infinity;
    for (const task of this.tasks.values()) {
      if (!task.hasWork || this.#waiting.has(task)) continue;
      const kind = this.#options.topology.stages[task.id.stage]!.kind;
      const rank = kind === 'merge' ? -Infinity : task.watermark;
      if (best === undefined || rank < bestRank) {
        best = task;
        bestRank = rank;
      }
    }
    return best;
  }

  #step(task: Task, nowMs: number): void {
    const head = task.input?.head;
    const wait = task.process(chunkRecords, nowMs);
    if (task.input?.head !== head) this.#fetcher.wake();
    if (wait === undefined) return;
    this.#waiting.add(task);
    wait
      .catch((error: unknown) => {
        this.#options.onEvent({ level: 'warn', event: 'schema-unavailable', message: messageOf(error) });
        return pause(1_000, this.#abort.signal);
      })
      .finally(() => {
        this.#waiting.delete(task);
        this.#wakeUp();
      });
  }

  #commitIfDue(nowMs: number): void {
    if (this.#commit !== undefined) return;
    if (nowMs - this.#lastCommitMs < this.#options.settings.commitIntervalMs) return;
    this.#startCommit(nowMs);
  }

  /** Ends the transaction under way, then commits what came since. */
  async #commitAll(): Promise<void> {
    await this.#commit;
    if (this.#failure !== undefined) return;
    this.#startCommit(this.#options.now());
    await this.#commit;
  }

  #startCommit(nowMs: number): void {
    const { topology, prepared, settings, now } = this.#options;
    const dirty = [...this.tasks.values()].filter((task) => task.isDirty);
    if (dirty.length === 0) return;
    this.#lastCommitMs = nowMs;
    for (const task of dirty) this.counters.changelogBytes += task.flush(nowMs);
    const moved = dirty.filter((task) => task.position !== task.committed);
    const positions = moved.map((task) => task.position);
    const { batches, release } = this.#output.take(this.#producer);
    const generation = this.#generation!;
    const content = {
      batches,
      offsets: moved.map(({ id, position }) => ({
        topic: topology.stages[id.stage]!.topic,
        partition: id.partition,
        offset: position,
        metadata: prepared.stamps[id.stage]!,
      })),
      group: {
        groupId: settings.groupId,
        generationId: generation.generationId,
        memberId: generation.memberId,
        instanceId: settings.instanceId ?? null,
      },
    };
    this.#commit = this.#producer
      .commit(content)
      .then(() => {
        moved.forEach((task, at) => (task.committed = positions[at]!));
        this.counters.commits++;
        this.lastCommitDurationMs = now() - nowMs;
        release();
      })
      .catch((error: unknown) => {
        this.counters.failedCommits++;
        this.#failure = error;
      })
      .finally(() => {
        this.#commit = undefined;
        this.#wakeUp();
      });
  }

  /**
   * After a transaction whose outcome is not known: everything in memory is given up, the producer is initialised anew (which
   * settles the outcome), and the tasks are restored from what was committed.
   */
  async #recover(generation: Generation): Promise<Generation | undefined> {
    const failure = this.#failure;
    this.#options.onEvent({
      level: 'warn',
      event: 'recovering',
      message: `a transaction failed (${messageOf(failure)}): restoring ${this.tasks.size} tasks from what was committed`,
    });
    for (const task of [...this.tasks.values()]) this.#drop(task);
    this.#output.discard();
    let isCurrent: boolean;
    try {
      // First, because a process that was replaced must not fence the one that replaced it.
      isCurrent = await this.#member.isCurrent();
    } catch (error) {
      if (!isFenced(error)) throw error;
      throw new StreamsError(
        'STREAMS_FENCED',
        `another process took over instance "${this.#options.settings.instanceId}" of pipeline "${this.#options.definition.name}"; give each process an instanceId of its own`,
        { cause: error },
      );
    }
    await this.#producer.init();
    this.#failure = undefined;
    return isCurrent ? { ...generation, wasLost: true } : undefined;
  }

  #outOfRange(input: PartitionInput): void {
    const { cluster, onEvent } = this.#options;
    if (input.isPaused) return;
    input.isPaused = true;
    void cluster
      .listOffsets([input], -2, 'uncommitted')
      .then(([start = 0]) => {
        onEvent({
          level: 'error',
          event: 'records-lost',
          message: `${input.topic}/${input.partition}: offset ${input.fetchOffset} is gone, the topic starts at ${start}; retention was shorter than the pipeline was away`,
          topic: input.topic,
          partition: input.partition,
          lost: start - input.fetchOffset,
        });
        input.fetchOffset = start;
      })
      .catch(() => undefined)
      .finally(() => {
        input.isPaused = false;
        this.#fetcher.wake();
      });
  }

  #reportRetry(error: unknown, attempt: number): void {
    if (attempt % 10 !== 1) return;
    this.#options.onEvent({
      level: 'warn',
      event: 'waiting-for-broker',
      message: `${messageOf(error)} (attempt ${attempt}); trying again`,
      attempt,
    });
  }

  #wakeUp(): void {
    this.#wake?.();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const wake = done;
      this.#wake = wake;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
