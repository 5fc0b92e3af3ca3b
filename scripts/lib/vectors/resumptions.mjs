// Tickets, and the sessions that are resumed with them.
import { hashOf, makeInputs, tickets } from './inputs.mjs'
import {
  AES128,
  AES256,
  CHACHA20,
  cookieKey,
  SecP256r1MLKEM768,
  SecP384r1MLKEM1024,
  short,
  TITLES,
  trace,
  X25519MLKEM768,
} from './modeTraces.mjs'

/** Pairs: a handshake that gives two tickets, and one that takes the second of them; then one with a retry. */
export function resumptions() {
  const origins = [
    ['certificate-qkd', X25519MLKEM768, AES256],
    ['psk-qkd', SecP256r1MLKEM768, CHACHA20],
    ['certificate', SecP384r1MLKEM1024, AES128],
    ['psk', 'x25519', AES128],
  ]
  return origins.flatMap(([mode, group, suite], i) => {
    const id = `resumption-${short(suite)}-after-${mode}`
    const first = `${id}-first`
    const title = `${TITLES[mode]}; two tickets`
    const given = tickets(first, 2)
    const issued = trace(mode, first, { title, group, suite, client: { tickets: true }, server: { tickets: given } })
    return [issued, resumed(id, issued, given, { group, suite, retries: i === 1 })]
  })
}

function resumed(id, issued, given, { group, suite, retries }) {
  const { ticket, ageAdd } = given[1]
  // The PSK is found in the values of the trace before, once it is made.
  const kept = { type: 'resumption', hash: hashOf(suite), identity: ticket, psk: null }
  const offered = { ...kept, ticketAgeAdd: ageAdd, ticketAge: 90_000 }
  const inputs = makeInputs({
    id,
    suite,
    group,
    ...(retries ? { firstGroup: X25519MLKEM768 } : {}),
    psks: [offered],
    serverPsks: [kept],
    client: { pskRequired: false, tickets: true, trusts: ['root'] },
    server: { tickets: tickets(id, 1), ...(retries ? { cookieKey: cookieKey(id) } : {}) },
  })
  const title = `Resumption of ${issued.id} with its second ticket${retries ? ', and a HelloRetryRequest' : ''}`
  return { id, title, inputs, resumes: issued.id, fill: (traces) => fillPsk([offered, kept], traces, issued.id) }
}

function fillPsk(psks, traces, id) {
  const { tickets: given } = traces.find((made) => made.id === id).values
  for (const psk of psks) psk.psk = given[1].psk
}
