import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describe as draw, isWindowed } from '@millrace/streams';
import type { PipelineDefinition, Row } from '@millrace/streams';
import { testPipeline } from '@millrace/streams/testing';
import type { GoldenEvent } from '../src/golden-event.ts';
import { differences } from './differences.ts';
import { finalRows } from './final-rows.ts';
import { lastTimeMs } from './golden-time.ts';
import { shuffled } from './shuffled.ts';

export interface Golden {
  readonly input: () => readonly GoldenEvent[];
  readonly batch: (events: readonly GoldenEvent[]) => Record<string, readonly Row[]>;
  /** The pipeline's folder, with its README.md and golden/. */
  readonly directory: string;
}

const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const shuffles = 20;
const longAfterMs = 30 * 24 * 3_600_000;

/** All final rows by view, from the test driver. */
export function drive(definition: PipelineDefinition, events: readonly GoldenEvent[]): Record<string, Row[]> {
  const driver = testPipeline(definition);
  const endMs = lastTimeMs(definition, events);
  driver.advanceTime(endMs);
  for (const { source, value } of events) driver.pipe(source, value);
  for (const source of Object.keys(definition.sources)) driver.advanceWatermark(source, endMs + longAfterMs);
  expect([driver.late(), driver.rejected(), driver.deadLetters()]).toEqual([[], [], []]);
  return Object.fromEntries(
    Object.keys(definition.views).map((view) => [view, finalRows(definition, view, driver.rows(view))]),
  );
}

/** Declares the tests that every pipeline has: its output is that of a plain computation, and the one that is kept in `golden/`. */
export function goldenSuite(definition: PipelineDefinition, { input, batch, directory }: Golden): void {
  describe(`${definition.name}, golden`, () => {
    const events = input();
    const expectRows = (found: Record<string, Row[]>, expected: Record<string, readonly Row[]>) =>
      expect(
        Object.keys(definition.views).flatMap((view) =>
          differences(definition, view, { found: found[view]!, expected: expected[view]! }).slice(0, 5),
        ),
      ).toEqual([]);

    it('has input that is the same each time, for every source, and a result in every view', () => {
      expect(input()).toEqual(events);
      expect(new Set(events.map(({ source }) => source))).toEqual(new Set(Object.keys(definition.sources)));
      const expected = batch(events);
      expect(Object.keys(expected).sort()).toEqual(Object.keys(definition.views).sort());
      for (const [view, rows] of Object.entries(expected)) expect([view, rows.length]).not.toEqual([view, 0]);
    });

    it('gives what a plain batch computation gives', () => {
      expectRows(drive(definition, events), batch(events));
    });

    it('gives the rows that are kept (UPDATE_GOLDEN=1 writes them anew)', () => {
      const found = drive(definition, events);
      const kept: Record<string, Row[]> = {};
      for (const [view, rows] of Object.entries(found)) {
        const file = join(directory, 'golden', `${view}.json`);
        if (isUpdate) writeFileSync(file, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
        kept[view] = JSON.parse(readFileSync(file, 'utf8')) as Row[];
      }
      expectRows(found, kept);
    });

    it(`gives the same for ${shuffles} orders of arrival within the bounds`, () => {
      const expected = drive(definition, events);
      for (let seed = 1; seed <= shuffles; seed++) {
        const found = drive(definition, shuffled(definition, events, seed));
        const unlike = Object.keys(found).flatMap((view) => {
          // A view of rows hands them out as they come.
          const by = isWindowed(definition.views[view]!) ? found[view]! : [];
          return by.length === 0
            ? []
            : differences(definition, view, { found: by, expected: expected[view]! });
        });
        expect({ seed, unlike: unlike.slice(0, 5) }).toEqual({ seed, unlike: [] });
      }
    });

    it('has the current drawing in its README (UPDATE_GOLDEN=1 draws it anew)', () => {
      const file = join(directory, 'README.md');
      const drawing = `\`\`\`mermaid\n${draw(definition, 'mermaid')}\n\`\`\``;
      const text = readFileSync(file, 'utf8');
      if (isUpdate)
        writeFileSync(
          file,
          text.replace(/```mermaid\n[^]*?\n```/, () => drawing),
        );
      expect(readFileSync(file, 'utf8')).toContain(drawing);
    });
  });
}
