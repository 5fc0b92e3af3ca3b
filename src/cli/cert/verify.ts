/** `trefoil cert verify`: what a peer would make of a chain, and if it refuses, by which rule and because of what. */
import { type Command, Option } from 'commander'
import { CLASSICAL_SCHEMES, defaultProvider, MLDSA_SCHEMES } from '../../crypto/index.js'
import { alertFor, TrefoilError } from '../../errors.js'
import {
  type Certificate,
  type CertificateUsage,
  chainFault,
  describeCertificate,
  loadCertificates,
  loadTrustAnchors,
  type TrustAnchors,
  verifyChain,
} from '../../pki/index.js'
import { readFile } from './files.js'
import { type Print, parseTime } from './options.js'
import { layOut, type Row } from './views.js'

interface VerifyOptions {
  readonly ca: string
  readonly name?: string
  readonly usage: CertificateUsage
  readonly time?: number
  readonly allowClassical?: boolean
  readonly json?: boolean
}

export function addVerify(cert: Command, print: Print): void {
  cert
    .command('verify')
    .description('verify a chain as a peer would, and explain the first rule that it breaks')
    .argument('<file>', 'the chain, leaf first (PEM)')
    .requiredOption('--ca <file>', 'trust anchors (PEM)')
    .option('--name <host>', 'the DNS name or IP address that the server is to be known by')
    .addOption(
      new Option('--usage <usage>', 'what the certificate is used for').choices(['server', 'client']).default('server'),
    )
    .option('--time <time>', 'at this time, such as 2027-01-01T00:00:00Z (default: now)', parseTime)
    .option('--allow-classical', 'permit ECDSA, Ed25519 and RSA')
    .option('--json', 'print machine-readable lines')
    .action((file: string, options: VerifyOptions) => verify(file, options, print))
}

/** @throws TrefoilError what `verifyChain` throws, after it was explained */
function verify(file: string, options: VerifyOptions, print: Print): void {
  const { name: serverName, usage, time = Date.now(), allowClassical = false, json = false } = options
  const chain = loadCertificates(readFile(file))
  const anchors = loadTrustAnchors(readFile(options.ca))
  const allowedSchemes = allowClassical ? [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES] : MLDSA_SCHEMES
  const crypto = defaultProvider()
  try {
    const { path } = verifyChain({ chain, anchors, time, serverName, usage, allowedSchemes, crypto })
    const subjects = path.map(({ subject }) => subject.text)
    const checked = serverName ?? null
    if (json) print(JSON.stringify({ event: 'verified', usage, name: checked, path: subjects }))
    else for (const line of layOut(verifiedRows(subjects, usage, checked))) print(line)
  } catch (error) {
    if (error instanceof TrefoilError && error.code !== 'ERR_INVALID_OPTION')
      explain(error, chain, anchors, json, print)
    throw error
  }
}

function verifiedRows(subjects: readonly string[], usage: CertificateUsage, name: string | null): Row[] {
  return [
    ['verified', `for a TLS ${usage}${name === null ? '' : ` called ${name}`}`],
    ...subjects.map((subject, index): Row => [index === 0 ? 'certificate' : 'issued by', subject]),
    ['trusted', 'the last one is a trust anchor'],
    ...(name === null && usage === 'server' ? ([['not checked', 'the name: --name says which']] satisfies Row[]) : []),
  ]
}

function explain(
  error: TrefoilError,
  chain: readonly Uint8Array[],
  anchors: TrustAnchors,
  json: boolean,
  print: Print,
) {
  const fault = chainFault(error)
  const { code, message } = error
  const certificate = fault?.certificate ?? null
  const place = certificate && placeOf(certificate, chain, anchors)
  const rule = fault && { rule: fault.rule, reference: fault.reference }
  const shown = certificate && describeCertificate(certificate.der)
  if (json) {
    const about = shown && { place, subject: shown.subject, fingerprint: shown.fingerprint }
    print(JSON.stringify({ event: 'refused', code, alert: alertFor(code), message, ...rule, certificate: about }))
    return
  }
  const rows: Row[] = [
    ['refused', message],
    ...(rule === null ? [] : ([['broken rule', `${rule.rule} (${rule.reference})`]] satisfies Row[])),
    ...(shown === null ? [] : ([['certificate', `${shown.subject}, ${place}`]] satisfies Row[])),
    ['a peer would say', String(alertFor(code))],
  ]
  for (const line of layOut(rows)) print(line)
}

function placeOf({ der }: Certificate, chain: readonly Uint8Array[], anchors: TrustAnchors): string {
  const same = (other: Uint8Array): boolean => Buffer.compare(der, other) === 0
  const index = chain.findIndex(same)
  if (index >= 0) return `number ${index + 1} of the chain`
  return `number ${anchors.certificates.findIndex((anchor) => same(anchor.der)) + 1} of the trust anchors`
}
