/** Errors (5.2 to 5.4, 6.5), and requests that are not requests. Last, since it sums up what came before. */
import { utf8 } from '../../../bytes.js'
import { isJsonObject, keysPath, parseJson } from '../../etsi014/wire.js'
import { type Check, fail, pass, warn } from '../check.js'
import { describeRefusal, judgeRefusal } from '../refusals.js'

export const errorChecks: readonly Check[] = [
  {
    id: 'errors.malformed',
    clause: '5.3',
    rule: 'A body that is not JSON, or not an object, is refused with 400.',
    needs: ['status.get'],
    async run({ own, options }) {
      const path = keysPath(options.peerSaeId, 'dec_keys')
      for (const [text, what] of [
        ['{"key_IDs": [', 'a body that is not JSON'],
        ['[]', 'a body that is not an object'],
      ] as const) {
        const verdict = judgeRefusal(await own.ask({ verb: 'POST', path, body: utf8(text) }), { what })
        if (verdict.grade !== 'pass') return verdict
      }
      return pass('malformed bodies are refused with 400')
    },
  },
  {
    id: 'errors.unknown-path',
    clause: '5.1',
    rule: 'What is not a method of the interface is refused (the standard names no status; 404 is usual).',
    needs: ['status.get'],
    async run({ own, options }) {
      const path = keysPath(options.peerSaeId, 'status').replace(/status$/, 'trefoil_doctor')
      const reply = await own.ask({ path })
      if (reply.status >= 400 && reply.status < 500) return pass(`it was refused with ${describeRefusal(reply)}`)
      return reply.status < 300
        ? fail('an unknown method is answered as if it were one')
        : warn(`an unknown method is answered with status ${reply.status}`)
    },
  },
  {
    id: 'errors.url-encoding',
    clause: '5.1; RFC 3986 6.2.2',
    rule: 'An SAE ID in the path is URL-decoded: written %-encoded throughout, it is the same.',
    needs: ['status.get'],
    async run({ own, options }) {
      const encoded = [...utf8(options.peerSaeId)].map(
        (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      const reply = await own.ask({ path: `/api/v1/keys/${encoded.join('')}/status` })
      if (reply.status !== 200) return fail(`an encoded SAE ID was answered with ${describeRefusal(reply)}`)
      const status = parseJson(reply.body)
      return isJsonObject(status) && status['slave_SAE_ID'] === options.peerSaeId
        ? pass('an encoded SAE ID is the same SAE')
        : fail('an encoded SAE ID is taken for another SAE')
    },
  },
  {
    id: 'errors.object',
    clause: '6.5',
    rule: 'Every 400 and 503 carries an Error object: a message, and details as a list of objects if any.',
    needs: ['transport.chain'],
    run: ({ evidence }) => evidence.errors(),
  },
  {
    id: 'errors.unauthorized',
    clause: '5.2, 5.3, 5.4',
    rule: '401 comes without a body.',
    needs: ['transport.chain'],
    run: ({ evidence }) => evidence.unauthorized(),
  },
  {
    id: 'errors.media-type',
    clause: '5.1',
    rule: 'Replies with JSON have the media type application/json.',
    needs: ['transport.chain'],
    run: ({ evidence }) => evidence.mediaType(),
  },
]
