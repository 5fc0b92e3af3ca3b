/** Whether an adversary has what a run protected, going by the octets in his hands alone. */
import { exported, type Leaks, type Opened } from '../adversary/index.js'
import { EXPORTER } from '../endpoints/script.js'
import type { ProtectedThing } from '../model.js'

export function isAchieved(thing: ProtectedThing, opened: readonly Opened[], leaks: Leaks): boolean {
  const octets = Buffer.from(thing.octets, 'hex')
  switch (thing.name) {
    case 'serverCertificate':
    case 'clientCertificate':
      return opened.some((each) => certificatesOf(each).some((certificate) => certificate.equals(octets)))
    case 'ticket':
      return pskHeld(opened, leaks).some((psk) => octets.equals(psk))
    case 'exporter':
      return opened.some((each) => exportOf(each)?.equals(octets) === true)
    default:
      return opened.some(
        ({ applicationData: { client, server } }) => client.includes(octets) || server.includes(octets),
      )
  }
}

function certificatesOf({ certificates, ticketContents }: Opened): Buffer[] {
  const inTickets = ticketContents.flatMap(({ clientCertificates }) => clientCertificates ?? [])
  return [...(certificates.client ?? []), ...(certificates.server ?? []), ...inTickets]
}

function pskHeld(opened: readonly Opened[], { resumptionPsks }: Leaks): Uint8Array[] {
  const made = opened.flatMap(({ tickets, ticketContents }) => [...tickets, ...ticketContents])
  return [...made, ...resumptionPsks.values()].map(({ psk }) => psk)
}

function exportOf({ exporterSecret, hash }: Opened): Buffer | null {
  if (exporterSecret === null || hash === null) return null
  const { label, context, length } = EXPORTER
  return exported(hash, exporterSecret, label, Buffer.from(context), length)
}
