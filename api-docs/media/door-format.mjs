// A log format of one's own: the doors of a building write `time|door|badge|answer`, one line a visit.

/** @type {import('lastcall').Format} */
const doors = {
  name: 'acme-doors',
  title: 'the doors of ACME',
  syntax: {
    kind: 'text',
    match(line) {
      const [time, door, badge, answer] = line.split('|');
      return badge === undefined ? undefined : { time, door, badge, answer };
    },
  },
  // Usage field: capture. `key` is taken for a secret and fingerprinted; a public id would be `keyId`.
  fields: { time: 'time', system: 'door', key: 'badge', outcome: 'answer' },
  recognise: ({ lines }) => (lines.every((line) => /^\d{4}-[^|]*\|[^|]+\|[^|]*\|\w+$/.test(line)) ? 0.9 : 0),
  // What the doors say, in the words of lastcall. A heartbeat is no call.
  refine(fields) {
    if (fields.outcome === 'alive') return { skip: 'not-a-request', quarantined: false };
    return { ...fields, outcome: fields.outcome === 'opened' ? 'accepted' : 'refused' };
  },
};

export default doors;
