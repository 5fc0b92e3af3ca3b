/** Handshakes as the network sees them: who sends how much, and how long it takes to make. */

export interface Flight {
  readonly from: 'client' | 'server'
  /** On the wire, record headers included. */
  readonly bytes: number
  /** Of the sender, since its flight before. */
  readonly cpuMicroseconds: number
}

export interface ModeFlights {
  readonly mode: string
  /** From the ClientHello on; tickets, if any, come last. */
  readonly flights: readonly Flight[]
  /** ms that each end waits for its key manager, once, before its first flight. */
  readonly keyManager?: { readonly client: number; readonly server: number } | null
}

/** Nothing in it withstands a quantum computer: what the other modes are compared with. */
export const CLASSICAL_MODE = 'x25519-ecdsa-p256'

/**
 * X25519 and a leaf of ECDSA P-256, its root known to the client, TLS_AES_256_GCM_SHA384, two tickets: octets counted between
 * two processes of Node 26 (OpenSSL 3.5), CPU of its primitives rounded up. A mode of that name that was measured takes
 * its place.
 */
export const CLASSICAL: ModeFlights = {
  mode: CLASSICAL_MODE,
  flights: [
    { from: 'client', bytes: 231, cpuMicroseconds: 60 },
    { from: 'server', bytes: 827, cpuMicroseconds: 250 },
    { from: 'client', bytes: 80, cpuMicroseconds: 350 },
    { from: 'server', bytes: 574, cpuMicroseconds: 100 },
  ],
}

/** Counted off Trefoil: a HelloRetryRequest with its cookie, a change_cipher_spec, and what the second hello has more. */
const RETRY_OCTETS = 190
const COOKIE_OCTETS = 92

/** The same handshake after a ClientHello whose share is of no use to the server: both hellos take as long to make. */
export function withRetry({ mode, flights, keyManager }: ModeFlights): ModeFlights {
  const [hello, ...rest] = flights
  if (hello === undefined) return { mode, flights }
  const retry: Flight = { from: 'server', bytes: RETRY_OCTETS, cpuMicroseconds: 0 }
  const again: Flight = { ...hello, bytes: hello.bytes + COOKIE_OCTETS }
  return { mode, flights: [hello, retry, again, ...rest], keyManager: keyManager ?? null }
}
