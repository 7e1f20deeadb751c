/** `npm test`: format, lint, types, unit, integration and browser tests of every project, then the totals alone on the last line. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { leftOut } from './left-out.ts';
import { readTotals } from './totals.ts';

const root = join(import.meta.dirname, '../../..');
const results = join(root, 'test-results');

if (process.argv.includes('--help')) {
  console.log(
    'usage: npm test\n\nformat, lint, types, unit, integration and browser tests; needs nothing but Node.',
  );
  console.log('MILLRACE_TEST_… variables (see CONTRIBUTING.md) add the suites that meet real services.');
  process.exit(0);
}

rmSync(results, { recursive: true, force: true });
const steps: [name: string, args: string[]][] = [
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint, types', ['nx', 'run-many', '-t', 'lint', 'typecheck', '--outputStyle=static', '--parallel=2']],
  ['unit tests', ['nx', 'run-many', '-t', 'test', '--outputStyle=static', '--parallel=2']],
  ['integration tests', ['nx', 'run-many', '-t', 'integration', '--outputStyle=static', '--parallel=1']],
  ['browser tests', ['nx', 'run-many', '-t', 'browser', '--outputStyle=static', '--parallel=1']],
];
const missing = leftOut(process.env);
const failedSteps: string[] = [];
for (const [name, args] of steps) {
  console.log(`\n── ${name}`);
  const step = spawnSync('npx', args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...missing.env },
  });
  if (step.status !== 0) failedSteps.push(name);
}

const totals = readTotals(results);
const mustNotSkip = process.env.CI === 'true';
console.log('');
for (const { test, message } of totals.failures) console.log(`✕ ${test}\n${message}\n`);
for (const line of missing.lines) console.log(`left out: ${line}`);
if (totals.skipped > 0) {
  console.log(`${totals.skipped} tests were skipped${mustNotSkip ? ', which counts as a failure here' : ''}`);
}
if (failedSteps.length > 0) console.log(`failed: ${failedSteps.join('; ')}`);
const failedChecks = failedSteps.filter((name) => !name.endsWith('tests')).length;
const skippedAsFailed = mustNotSkip ? totals.skipped : 0;
const failed = Math.max(totals.failed + failedChecks + skippedAsFailed, failedSteps.length > 0 ? 1 : 0);
console.log(`${totals.passed} passed, ${failed} failed`);
process.exit(failed > 0 || totals.passed === 0 ? 1 : 0);
