/** Examinations of key managers on 127.0.0.1. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import {
  type ExamineKeyManagerOptions,
  examineKeyManager,
  type Grade,
  type KeyManagerReport,
  type MutualTlsCredentials,
} from '../../../src/qkd/index.js'
import { credentials, saeA, saeB } from '../../support/kme.js'
import { createTestAuthority } from '../../support/kmeCertificates.js'

export const saeC = 'sae-carol'
const foreignAuthority = createTestAuthority('Trefoil test KME CA')
export const foreign = foreignAuthority.issue(saeA)
export const foreignCa = foreignAuthority.ca

export function examine(options: Partial<ExamineKeyManagerOptions> & { url: string }): Promise<KeyManagerReport> {
  const random = (length: number) => randomBytes(length)
  return examineKeyManager({ ...credentials(saeA), peerSaeId: saeB, foreign, random, ...options })
}

/** IDs of the checks with a grade. */
export function graded(report: KeyManagerReport, grade: Grade): string[] {
  return report.findings.filter((finding) => finding.grade === grade).map(({ id }) => id)
}

export function finding(report: KeyManagerReport, id: string) {
  return report.findings.find((each) => each.id === id)
}

/** What an odd key manager is asked; the body is JSON, or null. */
export interface Asked {
  readonly verb: string
  readonly path: string
  readonly query: URLSearchParams
  // biome-ignore lint/suspicious/noExplicitAny: it is what a test sends
  readonly body: any
  readonly saeId: string
}

export type Behaviour = (asked: Asked, response: ServerResponse) => void

/** An HTTPS server with mutual TLS that ends with the test. */
export async function oddServer(behave: Behaviour, tls: TlsOptions & Partial<MutualTlsCredentials> = {}) {
  const options = { ...credentials('KME-A'), requestCert: true, rejectUnauthorized: true, ...tls } as TlsOptions
  const server: Server = createServer(options, (request, response) => void answer(request, response, behave))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer(request: IncomingMessage, response: ServerResponse, behave: Behaviour): Promise<void> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const url = new URL(request.url ?? '/', 'https://odd')
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // Odd servers take anything.
  }
  const certificate = (request.socket as TLSSocket).getPeerCertificate()
  const saeId = String(certificate.subject?.CN)
  behave({ verb: request.method ?? '', path: url.pathname, query: url.searchParams, body, saeId }, response)
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json')
  response.writeHead(status).end(JSON.stringify(value))
}
