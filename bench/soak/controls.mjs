// What spoils a run on purpose. A soak that passes with one of these is worth nothing.
export const CONTROLS = {
  byte: 'the server flips a byte of a reply',
  reply: 'the server cuts a connection that nobody asked it to cut',
  reason: 'each process of clients reports a handshake that failed by an error without a code',
  leak: 'the server keeps each connection in a set that it never empties',
  socket: 'each process of clients opens a connection that it never closes',
}

/** The body with one byte flipped in its midst. */
export function spoiled(body) {
  const copy = Uint8Array.from(body)
  copy[copy.length >> 1] ^= 1
  return copy
}
