/**
 * Writes how many tests of a run passed, failed and were skipped, and what the failed ones say, to `file`, so that `npm test` can
 * add them up and tell them again at its end. A run that takes
 * longer than `limitMs` is ended as failed, so that one that hangs does not take the others with it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Enough for the message and the place; all of it is in the run's own output. */
const messageLines = 30;

export default class Totals {
  constructor(_globalConfig, { file, limitMs }) {
    this.file = file;
    this.limitMs = limitMs;
    this.passed = 0;
    this.failures = [];
  }

  onRunStart() {
    this.limit = setTimeout(() => {
      const message = `not over after ${this.limitMs / 60_000} minutes, ended`;
      console.error(`${basename(this.file, '.json')}: ${message}`);
      this.failures.push({ test: 'the whole run', message });
      this.write({ passed: this.passed, failed: this.failures.length, skipped: 0 });
      process.exit(1);
    }, this.limitMs);
    this.limit.unref();
  }

  onTestResult(_test, { numPassingTests, testFilePath, testResults, testExecError }) {
    this.passed += numPassingTests;
    const file = relative(process.cwd(), testFilePath);
    if (testExecError) this.failures.push({ test: file, message: shortened(testExecError.message) });
    for (const { status, fullName, failureMessages } of testResults)
      if (status === 'failed')
        this.failures.push({ test: `${file}: ${fullName}`, message: shortened(failureMessages.join('\n')) });
  }

  onRunComplete(_contexts, results) {
    clearTimeout(this.limit);
    this.write({
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    });
  }

  write(totals) {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify({ ...totals, failures: this.failures }) + '\n');
  }
}

const shortened = (message = '') =>
  stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'))
    .slice(0, messageLines)
    .join('\n');
