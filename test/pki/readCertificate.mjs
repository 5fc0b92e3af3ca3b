// Runs in another Node: says what its OpenSSL makes of a certificate, its issuer and its key (JSON in, JSON out).
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

const input = JSON.parse(readFileSync(0, 'utf8'))
const ca = new X509Certificate(input.ca)
const certificate = new X509Certificate(input.certificate)
const report = {
  subject: certificate.subject,
  subjectAltName: certificate.subjectAltName,
  ca: ca.ca && !certificate.ca,
  issued: certificate.checkIssued(ca),
  verifies: certificate.verify(ca.publicKey) && ca.verify(ca.publicKey),
  keyFits: certificate.checkPrivateKey(createPrivateKey(input.key)),
  names: [
    certificate.checkHost('localhost') ?? null,
    certificate.checkIP('127.0.0.1') ?? null,
    certificate.checkIP('::1') ?? null,
    certificate.checkHost('example.com') ?? null,
  ],
  purposes: certificate.keyUsage,
  serialNumber: certificate.serialNumber,
  validFrom: new Date(certificate.validFrom).toISOString(),
  validTo: new Date(certificate.validTo).toISOString(),
}
process.stdout.write(JSON.stringify(report))
