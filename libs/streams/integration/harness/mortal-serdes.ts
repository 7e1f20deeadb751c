import type { Serdes } from '../../src/index.ts';
import { jsonSerdes } from './clicks.ts';

/** Serdes that end the thread that reads this page. */
export const deadlyPage = '/end-of-the-thread';

export const createSerdes = (): Serdes => ({
  ...jsonSerdes,
  reader: (request) => {
    const reader = jsonSerdes.reader(request);
    return {
      ...reader,
      row: reader.row,
      read: (bytes, start, end) => {
        const outcome = reader.read(bytes, start, end);
        if (reader.row['page'] === deadlyPage) process.exit(9);
        return outcome;
      },
    };
  },
});
