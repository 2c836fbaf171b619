// A reporter of one's own: who has to look at which keys. What comes from logs and inventories is made harmless first.
import { inert } from 'lastcall';

/** @type {import('lastcall').Reporter} */
const owners = {
  *render(report) {
    const keys = Map.groupBy(report.keys, ({ owner }) => owner ?? 'nobody');
    for (const [owner, own] of keys) {
      yield `${inert(owner)}: ${own.map(({ key, verdict }) => `${inert(key)} (${verdict})`).join(', ')}\n`;
    }
  },
};

export default owners;
