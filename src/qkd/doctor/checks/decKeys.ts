/** Get key with key IDs (5.4): the slave gets what the master got, once, and nobody else does. */
import { constantTimeEqual } from '../../../bytes.js'
import { MESSAGES } from '../../etsi014/wire.js'
import { uuidFrom } from '../../identifiers.js'
import type { QkdKey } from '../../keySource.js'
import type { Asker } from '../asker.js'
import { type Check, cannotTry, fail, type Verdict, worst } from '../check.js'
import type { Examination, KeyReply } from '../examination.js'
import { describeRefusal, judgeRefusal } from '../refusals.js'

const message = MESSAGES.keysNotFound

export const decKeysChecks: readonly Check[] = [
  {
    id: 'dec.post',
    clause: '5.4, 6.4',
    rule: 'POST dec_keys gives the slave the key that the master got.',
    needs: ['enc.post'],
    keys: 1,
    async run(examination) {
      const { peer } = examination
      const key = await examination.key()
      return judge([key], await examination.collect(peer, ids(key)))
    },
  },
  {
    id: 'dec.get',
    clause: '5.4, 6.4',
    rule: 'GET dec_keys with one key_ID does the same.',
    needs: ['dec.post'],
    keys: 1,
    async run(examination) {
      const { peer } = examination
      const key = await examination.key()
      return judge([key], await examination.collect(peer, { query: `key_ID=${encodeURIComponent(key.keyId)}` }))
    },
  },
  {
    id: 'dec.several',
    clause: '5.4, 6.4',
    rule: 'Several keys come in one reply.',
    needs: ['dec.post'],
    keys: 2,
    async run(examination) {
      const { peer } = examination
      requireSeveral(examination)
      const keys = [await examination.key(), await examination.key()]
      return judge(keys, await examination.collect(peer, ids(...keys)))
    },
  },
  {
    id: 'dec.once',
    clause: '5.4',
    rule: 'A key is delivered once: the second dec_keys is refused with 400 and the fixed message.',
    needs: ['dec.post'],
    keys: 1,
    async run(examination) {
      const { peer } = examination
      const key = await examination.key()
      const first = judge([key], await examination.collect(peer, ids(key)))
      if (first.grade !== 'pass') return first
      const { reply } = await examination.collect(peer, ids(key))
      return judgeRefusal(reply, { what: 'a second dec_keys for the same key', message })
    },
  },
  {
    id: 'dec.unknown',
    clause: '5.4',
    rule: 'A key_ID that was never given out is refused with 400 and the fixed message.',
    needs: ['status.get'],
    async run(examination) {
      const [asker, master] = slaveSide(examination)
      const key_ID = uuidFrom(examination.options.random(16))
      const reply = await asker.keys(master, 'dec_keys', { body: { key_IDs: [{ key_ID }] } })
      return judgeRefusal(reply, { what: 'an unknown key_ID', message })
    },
  },
  {
    id: 'dec.mixed',
    clause: '5.4',
    rule: 'An unknown key_ID among known ones is refused with 400 and the fixed message.',
    needs: ['dec.post'],
    keys: 1,
    async run(examination) {
      const { peer } = examination
      requireSeveral(examination)
      const unknown = { keyId: uuidFrom(examination.options.random(16)) }
      const { reply } = await examination.collect(peer, ids(await examination.key(), unknown))
      return judgeRefusal(reply, { what: 'an unknown key_ID among known ones', message })
    },
  },
  {
    id: 'dec.not-named',
    clause: '5.4',
    rule: 'An SAE that Get key did not name gets 401, and the key waits on for the one that was named.',
    needs: ['dec.post'],
    keys: 1,
    async run(examination) {
      const { peer, other } = examination
      const key = await examination.key()
      const { reply } = await examination.collect(other, ids(key))
      const verdict = judgeRefusal(reply, { what: 'dec_keys by an SAE that was not named', statuses: [401] })
      if (verdict.grade === 'fail') return verdict
      const after = judge([key], await examination.collect(peer, ids(key)))
      return after.grade === 'pass' ? verdict : fail(`after another SAE had asked for it: ${after.message}`)
    },
  },
]

/** @throws Stop when a request may name one key alone */
function requireSeveral(examination: Examination): void {
  if (examination.count('max_key_per_request') === 1) throw cannotTry('max_key_per_request is 1')
}

/** Whether the same keys came, under the same key_IDs, in whatever order. */
export function sameKeys(sent: readonly QkdKey[], received: readonly QkdKey[]): boolean {
  return (
    sent.length === received.length &&
    sent.every(({ keyId, key }) => received.some((other) => other.keyId === keyId && constantTimeEqual(other.key, key)))
  )
}

function ids(...keys: readonly { readonly keyId: string }[]) {
  return { body: { key_IDs: keys.map(({ keyId }) => ({ key_ID: keyId })) } }
}

function judge(sent: readonly QkdKey[], { reply, container }: KeyReply): Verdict {
  if (container === null) return fail(`dec_keys was answered with ${describeRefusal(reply)}`)
  const { keys, shape, encoding } = container
  if (keys.length !== sent.length) return fail(`${keys.length} keys came where ${sent.length} were asked for`)
  const named = sent.every(({ keyId }) => keys.some((key) => key.keyId === keyId))
  if (!named) return fail('a key came under another key_ID than the one asked for')
  if (!sameKeys(sent, keys)) return fail('the two sites got different keys under one key_ID')
  return worst([...shape, ...encoding], sent.length === 1 ? 'both sites have the same key' : 'both have the same keys')
}

/** Where an SAE may ask for keys of a master: at the peer's key manager, or else at ours in the other direction. */
function slaveSide(examination: Examination): [Asker, string] {
  const { options, own } = examination
  return options.peer === undefined ? [own, options.peerSaeId] : [examination.peer, examination.saeId]
}
