import { compileExpression } from '../definition/compile-expression.ts';
import { fieldsOfSide } from '../definition/needed-fields.ts';
import { isGlobalJoin, sidesOf } from '../definition/pipeline-definition.ts';
import type { KeepingJoin, PipelineDefinition } from '../definition/pipeline-definition.ts';
import { inputScope } from '../definition/view-scope.ts';
import { groupKeyCodec } from '../tasks/group-key.ts';
import type { TaskTraces } from '../tracing/task-traces.ts';
import { JoinSide } from './join-side.ts';
import type { JoinSideOptions } from './join-side.ts';
import { JoinTarget } from './join-target.ts';
import type { JoinTargetOptions, SideNumber } from './join-target.ts';
import type { HostPorts, ViewHost } from './view-host.ts';
import type { ViewTarget } from './view-target.ts';
import type { SetCurrentAside } from './window-target.ts';

export interface JoinHostOptions {
  readonly definition: PipelineDefinition;
  readonly host: ViewHost;
  /** Absent: trace contexts are not carried. */
  readonly traces: TaskTraces | undefined;
  /** What the views that read a join's rows are given; those that send partial windows are added to `partials`. */
  portsFor(partials: JoinTargetOptions['partials'][number][]): HostPorts;
}

type SideInput = Pick<JoinSideOptions, 'watermarks' | 'outOfOrderMs' | 'aside'>;

/** Builds the joins of one task, and everything that hangs on them. */
export class JoinHost {
  readonly joins: JoinTarget[] = [];
  /** All targets, each before those that it feeds. */
  readonly targets: ViewTarget[] = [];
  readonly #options: JoinHostOptions;
  readonly #made = new Map<string, JoinTarget>();

  constructor(options: JoinHostOptions) {
    this.#options = options;
  }

  /** The sides of joins that read from a source or join. */
  sidesReading(from: string, input: SideInput): JoinSide[] {
    const { definition, traces } = this.#options;
    return Object.entries(definition.joins ?? {}).flatMap(([name, join]) => {
      const side = sidesOf(join).indexOf(from);
      if (side < 0 || isGlobalJoin(join)) return [];
      const condition = join.where?.[from];
      return [
        new JoinSide({
          ...input,
          traces,
          target: this.#target(name),
          side: side as SideNumber,
          fields: fieldsOfSide(definition, from, inputScope(definition, from).keys()),
          where: condition === undefined ? undefined : compileExpression(condition),
        }),
      ];
    });
  }

  #target(name: string): JoinTarget {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const { definition, host, traces, portsFor } = this.#options;
    const join = definition.joins![name] as KeepingJoin;
    const partials: JoinTargetOptions['partials'][number][] = [];
    const ports = portsFor(partials);
    const aside: SetCurrentAside = (to, reason) => ports.setAside(to, name, target.current, reason);
    const input = { outOfOrderMs: 0, watermarks: 'explicit', aside } as const;
    const { readers, targets } = host.readers(name, input, ports);
    const scope = inputScope(definition, sidesOf(join)[0]);
    const codec = groupKeyCodec(join.on.map((field) => ({ name: field, type: scope.get(field)!.type })));
    const joins = this.sidesReading(name, input);
    const target: JoinTarget = new JoinTarget({
      name,
      join,
      codec,
      readers,
      joins,
      partials,
      traces,
      disk: ports.disk,
    });
    this.#made.set(name, target);
    this.joins.push(target);
    this.targets.unshift(target, ...targets);
    return target;
  }
}
