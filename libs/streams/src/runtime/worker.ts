import type { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { StreamsError } from '../errors.ts';
import { isFenced, messageOf } from '../kafka/broker-error.ts';
import type { Cluster, TopicPartition } from '../kafka/cluster.ts';
import type { Generation, GroupMember } from '../kafka/group-member.ts';
import { pause } from '../kafka/retry.ts';
import type { CommitWriter } from '../kafka/commit-writer.ts';
import { PlainProducer } from '../kafka/plain-producer.ts';
import { TransactionalProducer } from '../kafka/transactional-producer.ts';
import { topicNames } from '../topology/topology.ts';
import type { Topology } from '../topology/topology.ts';
import { taskName } from '../group/assignment.ts';
import type { TaskId } from '../group/assignment.ts';
import { Committer } from './committer.ts';
import { newCounters } from './counters.ts';
import type { PipelineCounters } from './counters.ts';
import { Fetcher } from './fetcher.ts';
import { decodeShare } from '../group/group-assignment.ts';
import type { GroupView } from '../group/group-assignment.ts';
import { GlobalTableReader } from '../state/global-table-reader.ts';
import { GlobalTables } from '../state/global-tables.ts';
import { membership } from './membership.ts';
import type { Siblings } from './membership.ts';
import { OutputBuffer } from '../results/output-buffer.ts';
import { PartitionInput } from '../tasks/partition-input.ts';
import type { OwnCodes } from '../own-code/own-code.ts';
import { skipLostRecords } from './out-of-range.ts';
import type { OnEvent, Serdes } from './ports.ts';
import type { Prepared } from './preparation.ts';
import { ProcessingLoop } from './processing-loop.ts';
import { restoreTask } from '../state/restore-task.ts';
import { SetAside } from '../tasks/set-aside.ts';
import type { Task } from '../tasks/task.ts';
import { TaskFactory } from '../tasks/task-factory.ts';
import type { RuntimeSettings } from './runtime-settings.ts';
import { LocalState } from '../state/local-state.ts';
import { stateMemoryOf } from '../state/state-memory.ts';
import type { StateMemory } from '../state/state-memory.ts';
import { StandbyCopies } from '../state/standby-copies.ts';
import type { StandbyStatus } from '../state/standby-copies.ts';

export interface WorkerOptions {
  readonly definition: PipelineDefinition;
  readonly topology: Topology;
  readonly prepared: Prepared;
  readonly cluster: Cluster;
  readonly serdes: Serdes;
  readonly ownCodes: OwnCodes;
  readonly settings: RuntimeSettings;
  readonly onEvent: OnEvent;
  readonly now: () => number;
  readonly siblings?: Siblings | undefined;
}

/** Why the processing loop ended. */
type Outcome = 'stopped' | 'rejoin' | 'failed';

/** One member of the group: its tasks, its transactions. All of it runs on one thread; only requests overlap. */
export class Worker {
  readonly counters: PipelineCounters = newCounters();
  readonly tasks = new Map<string, Task>();
  group: GroupView | undefined;
  readonly #options: WorkerOptions;
  readonly #output: OutputBuffer;
  readonly #factory: TaskFactory;
  readonly #member: GroupMember;
  readonly #producer: CommitWriter;
  readonly #fetcher: Fetcher;
  /** Ends everything at once, also what waits for a broker. */
  readonly #abort = new AbortController();
  readonly #committer: Committer;
  readonly #loop: ProcessingLoop;
  readonly #local: LocalState | undefined;
  readonly #memory: StateMemory | undefined;
  readonly #standbys: StandbyCopies;
  readonly #globals: GlobalTableReader;
  #isStopping = false;
  #rejoin: string | undefined;
  #fatal: unknown;

  constructor(options: WorkerOptions) {
    const { definition, topology, prepared, cluster, serdes, ownCodes, settings, onEvent, now } = options;
    this.#options = options;
    this.#output = new OutputBuffer(settings.compression);
    const aside = new SetAside(definition.name, this.#output, this.counters);
    const tables = new GlobalTables(definition);
    this.#memory = stateMemoryOf(settings);
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
      globalTables: tables,
      ownCodes,
      traceContext: settings.traceContext,
      memory: this.#memory,
    });
    const { signal } = this.#abort;
    const onRetry = (error: unknown, attempt: number) => this.#reportRetry(error, attempt);
    this.#producer =
      settings.guarantee === 'at-least-once'
        ? new PlainProducer(cluster)
        : new TransactionalProducer({
            cluster,
            transactionalId: settings.transactionalId,
            transactionTimeoutMs: settings.transactionTimeoutMs,
            signal,
            onRetry,
          });
    this.#fetcher = new Fetcher({
      cluster,
      maxWaitMs: settings.fetchMaxWaitMs,
      maxPartitionBytes: settings.maxPartitionBytes,
      maxQueuedBytes: settings.maxQueuedBytes,
      now,
      onData: () => this.#loop.wakeUp(),
      onError: (error) => onEvent({ level: 'warn', event: 'fetch-failed', message: messageOf(error) }),
      onOutOfRange: (input) =>
        skipLostRecords(input, { cluster, onEvent, onReady: () => this.#fetcher.wake() }),
    });
    this.#globals = new GlobalTableReader({
      ...{ definition, tables, cluster, serdes, signal, onEvent, now },
      partitionCounts: prepared.partitionCounts,
      maxWaitMs: settings.fetchMaxWaitMs,
      counters: this.counters,
    });
    const { stateDir } = settings;
    if (stateDir !== undefined)
      this.#local = new LocalState({
        dir: stateDir,
        group: settings.groupId,
        writer: settings.transactionalId,
        // Reading what lies on disk would hold counting up too long: only when it has ended.
        intervalMs: this.#memory === undefined ? settings.checkpointIntervalMs : Infinity,
        counters: this.counters,
        onEvent,
        now,
      });
    this.#standbys = new StandbyCopies({
      cluster,
      maxWaitMs: settings.fetchMaxWaitMs,
      signal,
      onEvent,
      now,
    });
    this.#member = membership({
      ...{ cluster, topology, prepared, settings, signal, onRetry },
      siblings: options.siblings,
      standbys: this.#standbys,
      owned: () => [...this.tasks.keys()],
      onRejoinNeeded: (reason) => {
        this.#rejoin = reason;
        this.#loop.wakeUp();
      },
    });
    const common = { tasks: this.tasks, settings, output: this.#output, memory: this.#memory, now };
    this.#committer = new Committer({
      ...common,
      prepared,
      producer: this.#producer,
      counters: this.counters,
      local: this.#local,
      onEnd: () => this.#loop.wakeUp(),
    });
    this.#loop = new ProcessingLoop({
      ...common,
      topology,
      committer: this.#committer,
      signal,
      onEvent,
      onRoom: () => this.#fetcher.wake(),
    });
  }

  /** Runs until `stop`. @throws what makes going on pointless: a newer process of the same instance, state of another definition */
  async run(): Promise<void> {
    try {
      await this.#producer.init();
      await this.#globals.open();
      await this.#options.siblings?.areReady();
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
      this.#standbys.stop();
      this.#globals.stop();
      this.#memory?.closeAll();
      await this.#member.leave();
      this.#abort.abort();
    }
  }

  /** Commits what was counted and leaves the group; gives up after `stopTimeoutMs`, then the rest is counted again later. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#loop.wakeUp();
    const { stopTimeoutMs } = this.#options.settings;
    void pause(stopTimeoutMs, this.#abort.signal).then(() => this.#abort.abort());
  }

  pause(): void {
    this.#loop.isPaused = true;
  }

  resume(): void {
    this.#loop.isPaused = false;
  }

  get isSettled(): boolean {
    return this.#committer.isSettled;
  }

  get isPaused(): boolean {
    return this.#loop.isPaused;
  }

  get standbys(): StandbyStatus[] {
    return this.#standbys.status;
  }

  observeCommits(observer: (durationMs: number) => void): void {
    this.#committer.observers.push(observer);
  }

  /** Takes up an assignment: keeps what it had and still has, unless others may have had it in between. */
  #adopt(generation: Generation): void {
    const { topology, onEvent } = this.#options;
    this.#committer.setGeneration(generation);
    const { generationId, assignment } = generation;
    const { tasks: assigned, standbys, owners } = decodeShare(topology, assignment);
    this.group = { generationId, owners };
    const names = new Set(assigned.map(taskName));
    for (const [name, task] of this.tasks) if (generation.wasLost || !names.has(name)) this.#drop(task);
    const fresh = assigned.filter((id) => !this.tasks.has(taskName(id)));
    onEvent({
      level: 'info',
      event: 'assigned',
      message: `generation ${generationId}: ${assigned.length} tasks, ${fresh.length} of them new`,
      generationId,
      tasks: [...names],
    });
    for (const id of fresh) this.#restore(id);
    this.#standbys.keep(new Map(standbys.map((id) => [taskName(id), this.#changelogOf(id)])));
  }

  #changelogOf({ stage, partition }: TaskId): TopicPartition {
    const { topology } = this.#options;
    return { topic: topicNames.changelog(topology.pipeline, topology.stages[stage]!.name), partition };
  }

  #drop(task: Task): void {
    this.tasks.delete(task.name);
    this.#local?.forget(task);
    if (task.disk !== undefined) this.#memory!.close(task.disk);
    for (const { queue } of task.inputs) if (queue !== undefined) this.#fetcher.remove(queue);
  }

  #restore(id: TaskId): void {
    const { topology, prepared, cluster, settings, onEvent, now } = this.#options;
    const task = this.#factory.create(id);
    this.tasks.set(task.name, task);
    restoreTask(task, {
      cluster,
      groupId: settings.groupId,
      startFrom: topology.stages[id.stage]!.kind === 'merge' ? 'earliest' : settings.startFrom,
      stamp: prepared.stamps[id.stage]!,
      standby: this.#standbys.take(task.name),
      local: this.#local,
      mayStateBeAhead: settings.guarantee === 'at-least-once',
      signal: this.#abort.signal,
      isWanted: () => this.tasks.get(task.name) === task,
      onEvent,
    })
      .then((restored) => {
        // It may have been given up while its last answer was under way.
        if (restored === undefined || this.tasks.get(task.name) !== task) return;
        this.counters.restores++;
        this.counters.restoredRecords += restored.recordCount;
        task.isRestoring = false;
        for (const input of task.inputs) {
          const { topic, partition, position } = input;
          input.queue = new PartitionInput({ topic, partition, offset: position, nowMs: now() });
          this.#fetcher.add(input.queue);
        }
        this.#loop.wakeUp();
      })
      .catch((error: unknown) => {
        if (this.#abort.signal.aborted || this.tasks.get(task.name) !== task) return;
        this.#fatal = error;
        this.#loop.wakeUp();
      });
  }

  async #process(): Promise<Outcome> {
    const committer = this.#committer;
    const isInterrupted = () => this.#isStopping || this.#rejoin !== undefined;
    await this.#loop.run(
      () => this.#fatal !== undefined || committer.failure !== undefined || isInterrupted(),
    );
    if (this.#fatal !== undefined) throw this.#fatal;
    if (committer.failure !== undefined) return 'failed';
    await committer.commitAll();
    if (this.#isStopping) {
      if (committer.failure === undefined) await this.#local?.saveAll(this.tasks.values());
      return 'stopped';
    }
    return committer.failure === undefined ? 'rejoin' : 'failed';
  }

  /**
   * After a transaction whose outcome is not known: everything in memory is given up, the producer is initialised anew (which
   * settles the outcome), and the tasks are restored from what was committed.
   */
  async #recover(generation: Generation): Promise<Generation | undefined> {
    const { failure } = this.#committer;
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
    this.#committer.reset();
    return isCurrent ? { ...generation, wasLost: true } : undefined;
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
}
