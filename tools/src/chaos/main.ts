/** `npm run chaos -- --seed N --minutes M [--instances I] [--rate R] [--brokers HOST:PORT] [--unnamed] …` */
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';
import type { FaultKind } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    instances: { type: 'string', default: '2' },
    rate: { type: 'string', default: '2000' },
    brokers: { type: 'string' },
    unnamed: { type: 'boolean', default: false },
    checkpoints: { type: 'boolean', default: false },
    standbys: { type: 'string', default: '0' },
    workers: { type: 'string', default: '1' },
    'state-bytes': { type: 'string' },
    calm: { type: 'string', default: '3.5' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run chaos -- [--seed 1] [--minutes 1] [--instances 2] [--rate 2000] [--brokers HOST:PORT] [--unnamed] [--workers N]
                 [--checkpoints] [--standbys N] [--state-bytes N] [--calm 3.5]

Runs a pipeline in several processes under load, kills, freezes, restarts and adds them at random, kills and restarts the
embedded broker (not one given by --brokers), then compares every window with a count of the source topic. --unnamed gives
the processes no lasting names, so that others have to take over. --workers gives each several threads. --checkpoints lets
them keep their state on disk, every second; --standbys lets each keep copies of the others' state. --state-bytes gives each
instance so much memory for windows; what is more lies on disk. --calm is the longest time between two faults, in seconds. The last line is JSON; the exit status is 0 only when nothing was lost or duplicated.`);
  process.exit(0);
}

const ownBroker = values.brokers === undefined;
const faults: FaultKind[] = [
  'kill',
  'kill',
  'freeze',
  'restart',
  'scale',
  ...(ownBroker ? (['broker'] as const) : []),
];
const report = await runChaos({
  seed: Number(values.seed),
  durationMs: Number(values.minutes) * 60_000,
  rate: Number(values.rate),
  instances: Number(values.instances),
  faults,
  areNamed: !values.unnamed,
  hasCheckpoints: values.checkpoints,
  standbys: Number(values.standbys),
  workers: Number(values.workers),
  maxStateBytes: values['state-bytes'] === undefined ? undefined : Number(values['state-bytes']),
  calmMs: Number(values.calm) * 1_000,
  ...(values.brokers === undefined ? {} : { brokers: values.brokers.split(',') }),
  log: (line) => console.log(`${new Date().toISOString().slice(11, 23)} ${line}`),
});
const total = Object.values(report.faults).reduce((sum, times) => sum + times, 0);
console.log(`\n${total} faults: ${JSON.stringify(report.faults)}, seed ${values.seed}`);
console.log(`${report.events} events, ${report.checked} windows compared, ${report.late} late`);
console.log(`longest time without progress: ${(report.longestStallMs / 1_000).toFixed(1)} s`);
if (values['state-bytes'] !== undefined)
  console.log(
    `${report.spilledCells} times a cell was put on disk, ${report.loadedCells} times one was read again`,
  );
console.log(`${report.lost} lost, ${report.duplicated} duplicated`);
for (const difference of report.differences) console.log(`  ${difference}`);
console.log(
  `\n${JSON.stringify({
    chaos: { faults: total, lost: report.lost, duplicated: report.duplicated, checked: report.checked },
  })}`,
);
process.exit(report.lost + report.duplicated + report.differences.length === 0 && report.checked > 0 ? 0 : 1);
