import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Bounds, Column } from './aggregate.ts';
import type { Inputs } from './inputs.ts';

/** A column whose cells hold one object each, made when the first value comes. */
export abstract class StateColumn<State> implements Column {
  protected readonly states: (State | undefined)[] = [];
  protected readonly input: number;

  constructor(input: number) {
    this.input = input;
  }

  merge(slot: number, from: StateColumn<State>, fromSlot: number): void {
    const other = from.states[fromSlot];
    if (other !== undefined) this.mergeInto(this.at(slot), other);
  }

  clear(slot: number): void {
    if (slot < this.states.length) this.states[slot] = undefined;
  }

  value(slot: number, bounds: Bounds): unknown {
    return this.result(this.states[slot], bounds);
  }

  write(slot: number, out: ByteWriter): void {
    const state = this.states[slot];
    out.byte(state === undefined ? 0 : 1);
    if (state !== undefined) this.writeState(state, out);
  }

  read(slot: number, input: ByteReader): void {
    this.clear(slot);
    if (input.byte() === 1) this.put(slot, this.readState(input));
  }

  /** The cell's state, made if there is none. */
  protected at(slot: number): State {
    return this.states[slot] ?? this.put(slot, this.create());
  }

  protected put(slot: number, state: State): State {
    // Filled without gaps, the array keeps its fast representation.
    while (this.states.length < slot) this.states.push(undefined);
    this.states[slot] = state;
    return state;
  }

  abstract add(slot: number, inputs: Inputs, timeMs: number): void;
  protected abstract create(): State;
  protected abstract mergeInto(state: State, other: State): void;
  protected abstract result(state: State | undefined, bounds: Bounds): unknown;
  protected abstract writeState(state: State, out: ByteWriter): void;
  protected abstract readState(input: ByteReader): State;
}
