import { IngestionRunSchema, UserCreatedSchema } from '@millrace/schemas';
import {
  and,
  definePipeline,
  eq,
  field,
  gte,
  isNull,
  lt,
  mask,
  matches,
  not,
  or,
  when,
} from '@millrace/streams';
import { answer, bars, table, timeSeries } from '@millrace/views';
import { count, distinct, mean, sum, tumbling } from '@millrace/windowing';

const window = tumbling({ sizeMs: 60_000 });
/** A page of profiles is fetched in well under this, and sent at once. */
const outOfOrderMs = 5_000;
const graceMs = 60_000;
const retentionMs = 30 * 24 * 3_600_000;

const isCreated = when(eq(field('change'), 'created'), 1, 0);
const isUpdated = when(eq(field('change'), 'updated'), 1, 0);
/** Bands as surveys have them; a birth date in the future or 120 years ago is a mistake. */
const ageBand = when(
  or(isNull(field('age')), lt(field('age'), 0), gte(field('age'), 120)),
  'unknown',
  lt(field('age'), 18),
  'under 18',
  lt(field('age'), 30),
  '18–29',
  lt(field('age'), 45),
  '30–44',
  lt(field('age'), 60),
  '45–59',
  '60 and over',
);

const counted = {
  from: 'users',
  window,
  graceMs,
  emit: 'onUpdate',
  retentionMs,
  sinks: ['serving'],
} as const;
const select = { arrivals: count(), created: sum('is_created'), updated: sum('is_updated') };
const derive = { is_created: isCreated, is_updated: isUpdated };

/** User profiles fetched on a schedule: cleaned, flattened, checked, counted by country, age and gender. */
export const userIngestion = definePipeline({
  name: 'user-ingestion',
  description: 'User ingestion',
  sources: {
    users: {
      topic: 'users_created',
      schema: UserCreatedSchema,
      outOfOrderMs,
      idleAfterMs: 3_000,
      maxFutureMs: 60_000,
      partitionedBy: ['user_id'],
    },
    runs: {
      topic: 'ingestion_runs',
      schema: IngestionRunSchema,
      outOfOrderMs,
      idleAfterMs: 3_000,
      maxFutureMs: 60_000,
      partitionedBy: ['run_id'],
    },
  },
  views: {
    arrivals: {
      ...counted,
      description: 'Profiles that were new or had changed, a minute',
      derive: { ...derive, generated: when(field('simulated'), 1, 0) },
      select: { ...select, people: distinct('user_id'), simulated_arrivals: sum('generated') },
      panels: [
        answer({
          overMs: 300_000,
          parts: [
            { y: 'arrivals', words: 'profiles arrived' },
            { y: 'updated', of: 'arrivals', unit: 'ratio', words: 'changed ones' },
          ],
          simulated: 'simulated_arrivals',
        }),
        timeSeries({ title: 'Arrivals', y: ['created', 'updated'], shape: 'bars' }),
      ],
    },
    arrivals_by_country: {
      ...counted,
      derive,
      by: ['country'],
      select,
      panels: [bars({ title: 'Arrivals by country', y: 'arrivals', by: 'country', top: 10 })],
    },
    arrivals_by_age: {
      ...counted,
      derive: { ...derive, age_band: ageBand },
      by: ['age_band'],
      select,
      panels: [bars({ title: 'Arrivals by age', y: 'arrivals', by: 'age_band' })],
    },
    arrivals_by_gender: {
      ...counted,
      derive: { ...derive, stated_gender: when(isNull(field('gender')), 'unknown', field('gender')) },
      by: ['stated_gender'],
      select,
      panels: [
        timeSeries({ title: 'Arrivals by gender', y: 'arrivals', series: 'stated_gender', shape: 'bars' }),
      ],
    },
    profile_quality: {
      ...counted,
      description: 'What is missing or implausible in the profiles that arrived',
      derive: {
        bad_email: when(matches(field('email'), '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$'), 0, 1),
        no_age: when(isNull(field('age')), 1, 0),
        bad_age: when(or(lt(field('age'), 0), gte(field('age'), 120)), 1, 0),
        no_place: when(or(isNull(field('latitude')), isNull(field('longitude'))), 1, 0),
        no_phone: when(and(isNull(field('phone')), isNull(field('cell'))), 1, 0),
        whole: when(
          and(
            eq(field('bad_email'), 0),
            eq(field('no_age'), 0),
            not(eq(field('bad_age'), 1)),
            eq(field('no_place'), 0),
            eq(field('no_phone'), 0),
          ),
          1,
          0,
        ),
      },
      select: {
        profiles: count(),
        bad_emails: sum('bad_email'),
        without_age: sum('no_age'),
        bad_ages: sum('bad_age'),
        without_place: sum('no_place'),
        without_phone: sum('no_phone'),
        complete: mean('whole'),
      },
      units: { complete: 'ratio' },
      panels: [
        timeSeries({ title: 'Complete profiles', y: 'complete' }),
        timeSeries({
          title: 'Faults in profiles',
          y: ['bad_emails', 'without_age', 'bad_ages', 'without_place', 'without_phone'],
          shape: 'bars',
        }),
      ],
    },
    profiles: {
      from: 'users',
      description: 'The newest profile of everybody, names and addresses masked',
      derive: { person: mask(field('email')), age_band: ageBand, region: field('state') },
      by: ['user_id'],
      columns: [
        ...(['person', 'change', 'gender', 'age_band', 'country', 'region', 'nationality'] as const),
        ...(['registered_at', 'ingested_at', 'run_id', 'simulated'] as const),
      ],
      retentionMs,
      sinks: ['serving'],
      panels: [
        table({
          title: 'Newest profiles',
          columns: ['ingested_at', 'person', 'change', 'gender', 'age_band', 'country'],
          limit: 20,
        }),
      ],
    },
    ingestion_runs: {
      from: 'runs',
      description: 'The runs of the ingestion',
      by: ['run_id'],
      time: 'started_at',
      columns: [
        ...(['started_at', 'due_at', 'ended_at', 'status', 'reason', 'missed_runs'] as const),
        ...(['fetched', 'created', 'updated', 'unchanged', 'refused', 'simulated'] as const),
      ],
      retentionMs,
      sinks: ['serving'],
      panels: [
        table({
          title: 'Ingestion runs',
          columns: [
            ...(['started_at', 'status', 'fetched', 'created', 'updated', 'unchanged', 'refused'] as const),
            ...(['missed_runs', 'reason'] as const),
          ],
          limit: 20,
        }),
      ],
    },
  },
});
