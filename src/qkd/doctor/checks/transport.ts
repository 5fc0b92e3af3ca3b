/** The way to the key manager: 5.1 wants HTTPS, TLS 1.2 or later, and certificates at both ends. */
import { connect } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { TrefoilError } from '../../../errors.js'
import { certificateNames } from '../../certificateNames.js'
import { keyDeliveryGroups } from '../../tlsOptions.js'
import { type Check, cannotTry, fail, pass, skipped, warn } from '../check.js'
import type { Examination } from '../examination.js'
import { tryOldTls } from '../oldTls.js'
import { probeTls, type TlsFacts } from '../tlsProbe.js'

export const transportChecks: readonly Check[] = [
  {
    id: 'transport.reachable',
    clause: '5.1',
    rule: 'The host resolves and takes TCP connections.',
    async run({ site, timeout }) {
      await tryTcp(site, timeout)
      return pass(`${site.host}:${site.port} takes connections`)
    },
  },
  {
    id: 'transport.tls',
    clause: '5.1',
    rule: 'A handshake with our certificate succeeds, with TLS 1.2 or later.',
    needs: ['transport.reachable'],
    async run(examination) {
      const { site, options, timeout } = examination
      examination.tls = await probeTls(site, options, timeout)
      return pass(`${examination.tls.protocol} was negotiated`)
    },
  },
  {
    id: 'transport.chain',
    clause: '5.1',
    rule: "The key manager's certificate chains to the CA given and is valid now. Nothing is asked otherwise.",
    needs: ['transport.tls'],
    run(examination) {
      const { chainError } = tlsOf(examination)
      return chainError === null
        ? pass('its certificate chains to the CA given')
        : fail(`its certificate does not chain to the CA given: ${chainError}`)
    },
  },
  {
    id: 'transport.host-name',
    clause: '5.1',
    rule: 'Its certificate is for the host of the URL, or the server name given.',
    needs: ['transport.tls'],
    run(examination) {
      const { host, servername } = examination.site
      const name = servername ?? host
      return checkServerIdentity(name, tlsOf(examination).certificate) === undefined
        ? pass(`its certificate is for ${name}`)
        : fail(`its certificate is not for ${name}`)
    },
  },
  {
    id: 'transport.kme-id',
    clause: '5.1',
    rule: 'Its certificate carries the KME ID expected, as common name or DNS name.',
    needs: ['transport.tls'],
    run(examination) {
      const { kmeId } = examination.options
      if (kmeId === undefined) return skipped('no KME ID to expect is given')
      const { certificate } = tlsOf(examination)
      const names = [...certificateNames(certificate, 'common-name'), ...certificateNames(certificate, 'dns')]
      return names.includes(kmeId)
        ? pass(`its certificate says ${kmeId}`)
        : fail(`its certificate does not say ${kmeId}`)
    },
  },
  {
    id: 'transport.cipher',
    clause: '5.1; RFC 9325 4.2',
    rule: 'The cipher suite is an AEAD with forward secrecy.',
    needs: ['transport.tls'],
    run(examination) {
      const { cipher, protocol } = tlsOf(examination)
      const isStrong = protocol === 'TLSv1.3' || (/^TLS_(ECDHE|DHE)_/.test(cipher) && /GCM|CCM|CHACHA20/.test(cipher))
      return isStrong ? pass(`${cipher}`) : warn(`${cipher} is no AEAD, or has no forward secrecy`)
    },
  },
  {
    id: 'transport.group',
    clause: 'RFC 10024',
    rule: 'The key exchange is post-quantum: whoever tapes this link and breaks its exchange has the keys.',
    needs: ['transport.tls'],
    run(examination) {
      const { group } = tlsOf(examination)
      if (group !== null && /MLKEM/i.test(group)) return pass(`${group} was negotiated`)
      if (!keyDeliveryGroups().includes('MLKEM')) {
        return skipped(`this Node has no post-quantum group to offer; ${group ?? 'a classical one'} was negotiated`)
      }
      return warn(`${group ?? 'an unknown group'} is not post-quantum; X25519MLKEM768 was offered`)
    },
  },
  {
    id: 'transport.old-tls',
    clause: '5.1',
    rule: 'TLS 1.1 is refused.',
    needs: ['transport.tls'],
    async run({ site, timeout }) {
      return (await tryOldTls(site, timeout)) === 'refused' ? pass('TLS 1.1 is refused') : fail('TLS 1.1 is accepted')
    },
  },
]

function tlsOf({ tls }: Examination): TlsFacts {
  if (tls === null) throw cannotTry('there was no handshake')
  return tls
}

function tryTcp({ host, port }: { host: string; port: number }, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const end = (failure: string | null): void => {
      clearTimeout(timer)
      socket.destroy()
      if (failure === null) resolve()
      else reject(new TrefoilError('ERR_QKD_UNREACHABLE', `${host}:${port} cannot be reached (${failure})`))
    }
    const timer = setTimeout(() => end('no answer in time'), timeout)
    socket.once('connect', () => end(null))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'no code'))
  })
}
