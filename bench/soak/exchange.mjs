// One request and its reply, compared at both ends.
import { bodyOf, hashOf, randomLength, readBody, writeBody } from './bodies.mjs'

/**
 * Sends a request with a body of random length and checks the reply to it. Rejects when the connection breaks, be it cut
 * here as `fate` says.
 * @param send makes a request of its headers
 */
export async function exchange(send, connection, fate, tally, progress) {
  const body = bodyOf(randomLength())
  const sent = hashOf(body)
  // The server cuts it when it likes from now on.
  if (fate === 'server cuts its reply') connection.expectCut()
  const request = send({
    'content-length': body.length,
    'x-hash': sent,
    'x-reply-length': randomLength(),
    ...(fate === 'server cuts its reply' && { 'x-cut': 'yes' }),
    ...(connection.isPolite && { 'x-polite': 'yes' }),
  })
  const replied = replyTo(request, fate === 'client cuts the reply' ? () => connection.cut() : () => {})
  // Told where it is awaited.
  replied.catch(() => {})
  progress.waitsFor('its request to be taken', { request })
  if (fate === 'client cuts its request') {
    request.write(body.subarray(0, body.length / 2))
    setImmediate(() => connection.cut())
  } else await writeBody(request, body)
  progress.waitsFor('a reply')
  const { headers, readable, received } = await replied
  progress.waitsFor('the end of the reply', { reply: readable })
  const { length, hash } = await received
  progress.waitsFor('nothing')
  if (length !== Number(headers['content-length'])) {
    throw new Error(`the reply has ${length} octets in place of ${headers['content-length']}`)
  }
  tally.add('requests')
  tally.add('octetsSent', body.length)
  tally.add('octetsReceived', length)
  if (headers['x-received'] !== sent || headers['x-hash'] !== hash) tally.add('mismatches')
}

/**
 * The head of a reply, and its body as it is being read. Rejects also when the request is closed without an error and
 * without a reply. `onFirstOctets` is called in the midst of the body.
 */
function replyTo(request, onFirstOctets) {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.once('close', () => reject(new Error('the request was closed without a reply')))
    // HTTP/1.1 brings a message with headers, HTTP/2 the headers alone: there the request is what is read.
    request.once('response', (head) => {
      const readable = head.headers ? head : request
      const received = readBody(readable)
      received.catch(() => {})
      readable.once('data', onFirstOctets)
      resolve({ headers: head.headers ?? head, readable, received })
    })
  })
}
