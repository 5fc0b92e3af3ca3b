/**
 * The steps of RFC 8448, each by what it prints beside its result. That the stages chain them in the right order, over the right
 * transcripts, is the business of the key schedule.
 */
import { fromHex, fromUtf8, toHex } from '../../bytes.js'
import { NAMED_GROUPS } from '../../crypto/groups.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { hkdfExpandLabel, hkdfExtract } from '../../tls/hkdf.js'
import { decode } from '../../tls/wire/reader.js'
import { expectHex, expectThat } from '../check/outcome.js'
import { messagesOf } from './messages.js'
import type { RecordedStep, Recording } from './recording.js'

type StepFields = NonNullable<RecordedStep['fields']>

/** @throws Error at the first field that does not follow from those beside it, or is nowhere in the flow */
export function checkStep(crypto: CryptoProvider, recording: Recording, { fields = {} }: RecordedStep): void {
  for (const [label, printed] of Object.entries(fields)) {
    const computed = compute(crypto, recording.values.hash, label, fields)
    if (computed !== null) expectHex(label, computed, printed)
    const seen = seenIn(recording, label, fields)
    // A ClientHello is printed first without its binders.
    const isSent = (octets: string) => (label === 'ClientHello' ? octets.startsWith(printed) : octets === printed)
    if (seen !== null) expectThat(seen.some(isSent), `${label} is not among what was sent`)
  }
}

/** The output that stands under `label`, from the inputs beside it; null when that label is no output. */
function compute(crypto: CryptoProvider, hash: HashAlgorithm, label: string, fields: StepFields): Uint8Array | null {
  const input = (name: string) => fromHex(fields[name] ?? missing(name))
  switch (label) {
    case 'public key':
      return publicKeyOf(crypto, input('private key'), input('public key').length)
    case 'secret':
      return hkdfExtract(crypto, hash, input('salt'), input('IKM'))
    case 'expanded':
    case 'key expanded':
    case 'iv expanded': {
      const info = readHkdfLabel(input(label.replace('expanded', 'info')))
      return hkdfExpandLabel(crypto, hash, input('PRK'), info.label, info.context, info.length)
    }
    case 'hash':
      return readHkdfLabel(input('info')).context
    case 'binder hash':
      return crypto.hash(hash, input('ClientHello prefix'))
    case 'finished':
      // Over a transcript that is not printed, but for the binder.
      if (fields['binder hash'] === undefined) return null
      return crypto.hmacKey(hash, input('expanded')).mac(input('binder hash'))
    default:
      return null
  }
}

/** What passed that a field of this label must be among; null when the label is none of such. */
function seenIn(recording: Recording, label: string, fields: StepFields): readonly string[] | null {
  if (label === 'payload') return recording.flow.map(({ payload }) => payload)
  if (label === 'complete record') return recording.flow.map(({ record }) => record)
  if (label === 'finished' && !('binder hash' in fields)) {
    return messagesOf(recording).flatMap(({ type, body }) => (type === 'finished' ? [toHex(body)] : []))
  }
  // "ClientHello" of the text is client_hello of ours.
  if (!/^[A-Z]/.test(label)) return null
  const type = label.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
  const sent = messagesOf(recording).filter((message) => message.type === type)
  return sent.length === 0 ? null : sent.map(({ bytes }) => toHex(bytes))
}

function publicKeyOf(crypto: CryptoProvider, privateKey: Uint8Array, length: number): Uint8Array | null {
  const group = (['x25519', 'secp256r1', 'secp384r1'] as const).find(
    (name) => NAMED_GROUPS[name].clientShareLength === length,
  )
  return group === undefined ? null : crypto.generateKeyShare(group, privateKey).publicShare
}

/** struct HkdfLabel, read back so that our own construction of it is what gets tested. */
function readHkdfLabel(info: Uint8Array): { length: number; label: string; context: Uint8Array } {
  return decode(info, 'HkdfLabel', (reader) => ({
    length: reader.u16(),
    label: fromUtf8(reader.opaque(1)).replace(/^tls13 /, ''),
    context: reader.opaque(1),
  }))
}

function missing(label: string): never {
  throw new Error(`the step prints no ${label}`)
}
