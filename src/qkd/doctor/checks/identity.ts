/** Who may ask: 5.1 has the key manager authenticate the SAE and take its ID from the certificate. */
import { keysPath } from '../../etsi014/wire.js'
import { type Check, fail, pass, skipped, type Verdict, warn } from '../check.js'
import { type Examination, namesIn } from '../examination.js'
import { judgeRefusal } from '../refusals.js'
import { askAsStranger } from '../tlsProbe.js'

export const identityChecks: readonly Check[] = [
  {
    id: 'identity.no-certificate',
    clause: '5.1',
    rule: 'A client without a certificate is refused, in TLS or with 401.',
    needs: ['transport.chain'],
    run: (examination) => stranger(examination, {}, 'a client without a certificate'),
  },
  {
    id: 'identity.foreign-ca',
    clause: '5.1',
    rule: 'A client with our names in a certificate from another CA is refused, in TLS or with 401.',
    needs: ['transport.chain'],
    run(examination) {
      const { foreign, ca } = examination.options
      if (foreign === undefined) return skipped('no certificate from another CA is given')
      return stranger(examination, { ...foreign, ca }, 'a client with our names from another CA')
    },
  },
  {
    id: 'identity.own-certificate',
    clause: '5.1',
    rule: 'Our own certificate carries the SAE ID given, as common name, DNS name or URI.',
    run({ options }) {
      const { saeId } = options
      if (saeId === undefined) return skipped('no SAE ID of ours is given')
      return namesIn(options).includes(saeId)
        ? pass(`our certificate says ${saeId}`)
        : warn(`our certificate does not say ${saeId}; the key manager must know it otherwise`)
    },
  },
  {
    id: 'identity.master',
    clause: '5.1, 6.1',
    rule: 'The key manager takes our SAE ID from the certificate: status names us as master_SAE_ID.',
    needs: ['status.get'],
    run({ options, status }) {
      const said = status['master_SAE_ID']
      const names = options.saeId === undefined ? namesIn(options) : [options.saeId]
      return typeof said === 'string' && names.includes(said)
        ? pass(`it knows us as ${said}`)
        : fail(
            `it calls us ${typeof said === 'string' ? said.slice(0, 60) : 'nothing'}, our names are ${names.join(', ')}`,
          )
    },
  },
  {
    id: 'identity.unknown-slave',
    clause: '5.2, 5.3',
    rule: 'Status and keys for an SAE that nobody knows are refused with 400 or 401.',
    needs: ['status.get'],
    async run(examination) {
      const { random, peerSaeId } = examination.options
      const nobody = `${peerSaeId.slice(0, 60)}-${Buffer.from(random(6)).toString('hex')}`
      const statuses = [400, 401]
      const status = judgeRefusal(await examination.own.keys(nobody, 'status'), {
        what: 'status for an unknown SAE',
        statuses,
      })
      if (status.grade !== 'pass') return status
      const { reply } = await examination.askForKeys(1, { body: { number: 1 } }, nobody)
      return judgeRefusal(reply, { what: 'a key for an unknown SAE', statuses })
    },
  },
]

async function stranger(
  { site, options, timeout, evidence }: Examination,
  credentials: Parameters<typeof askAsStranger>[1],
  who: string,
): Promise<Verdict> {
  const answer = await askAsStranger(site, credentials, keysPath(options.peerSaeId, 'status'), timeout)
  if (answer === 'closed') return pass(`${who} gets no answer`)
  if (answer.status === 401) {
    evidence.seeUnauthorized(answer.body)
    return pass(`${who} is refused with 401`)
  }
  return answer.status < 300
    ? fail(`${who} is served`)
    : warn(`${who} is answered with status ${answer.status} where 401 is laid down`)
}
