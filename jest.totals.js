/**
 * Writes how many tests of a run passed, failed and were skipped to `file`, so that `npm test` can add them up. A run that takes
 * longer than `limitMs` is ended as failed, so that one that hangs does not take the others with it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

export default class Totals {
  constructor(_globalConfig, { file, limitMs }) {
    this.file = file;
    this.limitMs = limitMs;
    this.passed = 0;
  }

  onRunStart() {
    this.limit = setTimeout(() => {
      console.error(
        `${basename(this.file, '.json')}: not over after ${this.limitMs / 60_000} minutes, ended`,
      );
      this.write({ passed: this.passed, failed: 1, skipped: 0 });
      process.exit(1);
    }, this.limitMs);
    this.limit.unref();
  }

  onTestResult(_test, { numPassingTests }) {
    this.passed += numPassingTests;
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
    writeFileSync(this.file, JSON.stringify(totals) + '\n');
  }
}
