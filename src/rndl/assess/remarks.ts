/** What follows for whoever answers for a configuration, in sentences. */
import type { Protection } from '../../node/protection.js'
import type { LeakName } from '../model.js'
import type { ThingReport } from '../report.js'
import type { Component } from './components.js'

export interface Assessed {
  readonly components: readonly Component[]
  readonly componentsWhenResumed: readonly Component[] | null
  /** Demanded, and missing in a session or in a resumed one. */
  readonly lacking: readonly Component[]
  readonly protection: Protection
  readonly things: readonly ThingReport[]
}

export function remarksOn(assessed: Assessed): string[] {
  const { components, componentsWhenResumed, lacking, protection, things } = assessed
  const remarks = lacking.map(
    (component) => `the secrecy of sessions does not rest on ${NAMES[component]}, as it should`,
  )
  if (components.length === 1) remarks.push(`everything rests on ${NAMES[components[0] as Component]} alone`)
  const lost = components.filter((component) => componentsWhenResumed?.includes(component) === false)
  if (lost.length > 0) {
    remarks.push(
      `a resumed session does not rest on ${lost.map((component) => NAMES[component]).join(' and ')}: whoever gets the ticket keys, or the client's session store, needs no more than its key exchange`,
    )
  }
  if (opensAlone(things, 'clientCertificate', 'ticketKeys')) {
    remarks.push("tickets hold the client's certificate: the ticket keys open it")
  }
  const link = protection.qkd?.delivery
  if (link?.kind === 'tls' && !link.postQuantum) {
    remarks.push(
      `QKD keys are delivered under ${link.group ?? 'a classical key exchange'}: a tape of that link is worth the keys once the exchange is broken`,
    )
  }
  if (protection.authentication.peer === null) remarks.push('the client does not know whom it talks to')
  return remarks
}

const NAMES: Readonly<Record<Component, string>> = {
  curve: 'the elliptic curve',
  'ML-KEM': 'ML-KEM',
  QKD: 'a QKD key',
  'auth PSK': 'an auth PSK',
}

function opensAlone(things: readonly ThingReport[], name: string, leak: LeakName): boolean {
  return things.some(
    (thing) => thing.name === name && thing.achieved.some((set) => set.length === 1 && set[0] === leak),
  )
}
