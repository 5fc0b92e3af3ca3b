/** Which handshakes storms are made of, on the running Node. */
import { hasFeature } from '../../crypto/index.js'
import type { IssuedAlgorithm } from '../../pki/index.js'
import { commonAlgorithm, commonGroup } from '../stacks/commonGround.js'
import type { Mode, Profile, StackSettings } from '../stacks/settings.js'

export interface StormCase extends Pick<StackSettings, 'profile' | 'provider' | 'workerSigner'> {
  readonly name: string
  readonly stack: 'trefoil' | 'node-tls'
  /** Of the certificates. */
  readonly algorithm: IssuedAlgorithm
}

/** What both can do, in turns, and after it what Trefoil does besides. */
export function stormCases({ quick }: { readonly quick: boolean }): StormCase[] {
  const modes: readonly Mode[] = quick ? ['certificate', 'psk'] : ['certificate', 'mutual', 'psk']
  const shared = modes.flatMap((mode) =>
    (['trefoil', 'node-tls'] as const).map((stack) => ({
      name: mode === 'psk' ? `psk, ${commonGroup}` : `${mode} ${commonAlgorithm}`,
      stack,
      algorithm: commonAlgorithm,
      profile: profile(mode, commonGroup),
    })),
  )
  const own = { stack: 'trefoil', algorithm: 'mldsa65', profile: profile('certificate', 'X25519MLKEM768') } as const
  const native = hasFeature('sign mldsa65')
  return [
    ...shared,
    // With noble for what Node lacks, which is what the signer in a thread of its own is for.
    ...(commonAlgorithm === own.algorithm ? [] : [{ ...own, name: 'certificate mldsa65' }]),
    { ...own, name: 'certificate mldsa65, worker signer', workerSigner: true },
    ...(native && !quick ? [{ ...own, name: 'certificate mldsa65, noble', provider: 'noble' as const }] : []),
  ]
}

function profile(mode: Mode, group: Profile['group']): Profile {
  // node:tls takes external PSKs with SHA-256 alone.
  return { mode, group, suite: mode === 'psk' ? 'TLS_AES_128_GCM_SHA256' : 'TLS_AES_256_GCM_SHA384' }
}
