// A driver of one's own: how keys of one gateway are disabled and deleted. It has the environment of a command: PATH, HOME
// and what handoff.environment names. What it returns stands in the ledger; what it throws means that nothing was done.

/** @type {import('lastcall').HandoffDriver} */
const gateway = {
  disable: ({ id }) => call('PATCH', id, { active: false }),
  delete: ({ id }) => call('DELETE', id),
};

async function call(method, id, body) {
  const url = new URL(`keys/${encodeURIComponent(id)}`, process.env.GATEWAY_URL);
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
  return `${method} ${answer.status}`;
}

export default gateway;
