import { request, type ClientRequest, type IncomingMessage } from 'node:http';

/** One Server-Sent Event. */
export interface SseEvent {
  readonly event: string;
  readonly id?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the event it waits for
  readonly data: any;
}

/** Reads a stream of Server-Sent Events until it is closed. */
export class SseReader {
  readonly events: SseEvent[] = [];
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;
  closed = false;
  #rest = '';
  #wake: (() => void)[] = [];

  constructor(url: string, { lastEventId }: { lastEventId?: string } = {}) {
    this.request = request(url, {
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    });
    this.request.on('response', (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => this.#end());
      response.on('error', () => this.#end());
      this.#awake();
    });
    this.request.on('error', () => this.#end());
    this.request.end();
  }

  get lastId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** The first event for which `isWanted` holds, as soon as it is there. */
  async until(isWanted: (event: SseEvent) => boolean): Promise<SseEvent> {
    for (;;) {
      const found = this.events.find(isWanted);
      if (found !== undefined) return found;
      if (this.closed) throw new Error('the stream ended without the event');
      await this.change();
    }
  }

  /** Resolves at the next event, response or end. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  close(): void {
    this.request.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)] as const;
        }),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const id = fields.get('id');
      const event = fields.get('event') ?? 'message';
      this.events.push({ event, data: JSON.parse(data), ...(id === undefined ? {} : { id }) });
    }
    this.#awake();
  }

  #end(): void {
    this.closed = true;
    this.#awake();
  }

  #awake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}
