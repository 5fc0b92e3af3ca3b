/** Rows about hellos: what becomes of one that was changed on its way, and edits that several rows have in common. */
import { NAMED_GROUPS, type NamedGroupName } from '../../../src/crypto/groups.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import { encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import { encodeClientKeyShares } from '../../../src/tls/extensions/keyShare.js'
import { decodeOfferedPsks, encodeOfferedPsks } from '../../../src/tls/extensions/preSharedKey.js'
import { decodeImportedIdentity } from '../../../src/tls/index.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import { extensionData, having } from '../../support/hellos.js'
import type { Attacker } from '../manInTheMiddle.js'
import type { Notice, Row } from '../row.js'
import { BY_BOTH, BY_KEY, HELLO_MODES } from '../settings.js'

export const TRANSCRIPT: Notice = {
  modes: ['certificate'],
  by: 'client',
  code: 'ERR_BAD_RECORD_MAC',
  check: 'handshake keys come from all hellos (RFC 9846 4.5.1, 7.1)',
}
const BINDER = 'the binder covers all that was said before (RFC 9846 4.3.11.2)'
export const UNDER_BINDER: readonly Notice[] = [
  { modes: BY_BOTH, by: 'server', code: 'ERR_BAD_BINDER_WITH_CERTIFICATE', check: BINDER },
  { modes: BY_KEY, by: 'server', code: 'ERR_BAD_BINDER', check: BINDER },
]
/** What becomes of any ClientHello that was changed and still makes sense. */
const CHANGED_HELLO: readonly Notice[] = [TRANSCRIPT, ...UNDER_BINDER]

export const noticed = (
  by: Notice['by'],
  code: Notice['code'],
  check: string,
  modes: Notice['modes'] = HELLO_MODES,
): Notice => ({ modes, by, code, check })

/** An attack on the line between honest ends; on a ClientHello, unless it is noticed otherwise. */
export const onTheLine = (attack: string, attacker: () => Attacker, ...notices: readonly Notice[]): Row => ({
  attack,
  notices: notices.length === 0 ? CHANGED_HELLO : notices,
  scene: (honest) => ({ ...honest, attacker }),
})

export const groupList = (...names: readonly NamedGroupName[]): Uint8Array => {
  return encodeCodePoints(
    2,
    names.map((name) => NAMED_GROUPS[name].codePoint),
  )
}

/** A fresh share of the attacker's. */
export function ownShare(group: NamedGroupName): Uint8Array {
  const { publicShare } = nodeProvider.generateKeyShare(group)
  return encodeClientKeyShares([{ group: NAMED_GROUPS[group].codePoint, keyExchange: publicShare }])
}

/** Puts the PSKs of a hello, each an identity with its binder, into another order or some of them away. */
export function rearrangingPsks(
  hello: ClientHello,
  rearrange: (externalIdentities: readonly string[]) => readonly number[],
): ClientHello {
  const { identities, binders } = decodeOfferedPsks(extensionData(hello, 'pre_shared_key'))
  const external = identities.map(({ identity }) => {
    return Buffer.from(decodeImportedIdentity(identity).externalIdentity).toString()
  })
  const kept = rearrange(external)
  const pick = <T>(list: readonly T[]): T[] => kept.map((i) => list[i] as T)
  return having(hello, 'pre_shared_key', encodeOfferedPsks({ identities: pick(identities), binders: pick(binders) }))
}
