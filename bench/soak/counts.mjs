// What the processes counted, taken together.

/** Adds up the numbers that stand at the same places of the records. */
export function sumOf(records) {
  const sum = {}
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      sum[name] = typeof value === 'number' ? (sum[name] ?? 0) + value : sumOf([sum[name] ?? {}, value])
    }
  }
  return sum
}

/** Whether requests were answered over both protocols, with and without a QKD key. */
export function servedAllWays(clients) {
  const ways = ['certificate', 'qkd'].flatMap((site) => ['http/1.1', 'h2'].map((protocol) => `${site}, ${protocol}`))
  return clients.requests > 0 && ways.every((way) => clients[way] > 0)
}

/** Whether what a soak is about has come about at all. */
export function sawEverything({ clients, server, keyManagerRestarts }) {
  return servedAllWays(clients) && server.resumed > 0 && keyManagerRestarts > 0 && server.reloads > 0
}
