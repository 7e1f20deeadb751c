import { describe } from '@jest/globals';
import { groupCases } from './conformance/groups.ts';
import { recordCases } from './conformance/records.ts';
import { describeCases } from './conformance/suite.ts';
import { targets } from './conformance/target.ts';
import { topicCases } from './conformance/topics.ts';
import { transactionCases } from './conformance/transactions.ts';

for (const choice of targets) {
  describe(`the Kafka protocol as spoken by ${choice.target.name}`, () => {
    describeCases('topics and settings', topicCases, choice);
    describeCases('records', recordCases, choice);
    describeCases('groups', groupCases, choice);
    describeCases('transactions', transactionCases, choice);
  });
}
