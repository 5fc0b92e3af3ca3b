// Key shares that are none (RFC 10024, FIPS 203 7.2, RFC 7748 6.1, RFC 9846 4.3.8.2): of clients, then of servers.
import { clientShare, concat, flipped, onHello, overwritten, serverShare } from './alter.mjs'
import { certificates, makeInputs, SUITES } from './inputs.mjs'

const ZERO = '00'.repeat(32)
/** A point of order 8 (RFC 7748 6.1). */
const LOW_ORDER = 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'
/** Two coefficients of 12 bits each, both 4095: not reduced modulo q = 3329. */
const ABOVE_Q = 'ffffff'
const [X, P384, P256] = ['X25519MLKEM768', 'SecP384r1MLKEM1024', 'SecP256r1MLKEM768']

const CLIENT = [
  [
    'share-coefficient-x25519mlkem768',
    X,
    'ML-KEM encapsulation key with a coefficient above q',
    (share) => overwritten(share, 0, ABOVE_Q),
  ],
  [
    'share-coefficient-secp384r1mlkem1024',
    P384,
    'ML-KEM encapsulation key with a coefficient above q',
    (share) => overwritten(share, 97, ABOVE_Q),
  ],
  [
    'share-coefficient-secp256r1mlkem768',
    P256,
    'ML-KEM encapsulation key with a coefficient above q',
    (share) => overwritten(share, 65, ABOVE_Q),
  ],
  [
    'share-zero-x25519',
    X,
    'X25519 half of zeros, which gives a secret of zeros',
    (share) => overwritten(share, -32, ZERO),
  ],
  [
    'share-low-order',
    'x25519',
    'X25519 share of low order, which gives a secret of zeros',
    (share) => overwritten(share, 0, LOW_ORDER),
  ],
  ['share-short', X, 'Share that lacks its last octet', (share) => share.slice(0, -1)],
  ['share-long', X, 'Share with an octet too many', (share) => concat(share, new Uint8Array(1))],
  ['share-empty', X, 'Share of one octet', (share) => share.slice(0, 1)],
  [
    'share-swapped',
    X,
    'X25519 before ML-KEM, as the name of the group has it',
    (share) => concat(share.slice(-32), share.slice(0, -32)),
  ],
  ['share-off-curve-p256', P256, 'P-256 half that is no point of the curve', (share) => flipped(share, 64)],
  ['share-off-curve-p384', P384, 'P-384 half that is no point of the curve', (share) => flipped(share, 96)],
  [
    'share-point-form',
    'secp256r1',
    'P-256 share in the form of another encoding',
    (share) => overwritten(share, 0, '06'),
  ],
]

const SERVER = [
  [
    'server-share-zero-x25519',
    X,
    'ERR_BAD_KEY_SHARE',
    'X25519 half of zeros',
    (share) => overwritten(share, -32, ZERO),
  ],
  ['server-share-short', X, 'ERR_BAD_KEY_SHARE', 'Share that lacks its last octet', (share) => share.slice(0, -1)],
  [
    'server-share-off-curve',
    P384,
    'ERR_BAD_KEY_SHARE',
    'P-384 half that is no point of the curve',
    (share) => flipped(share, 96),
  ],
  [
    'server-share-ciphertext',
    X,
    'ERR_BAD_RECORD_MAC',
    'ML-KEM ciphertext with one bit changed: implicit rejection (FIPS 203 6.3) gives another secret',
    (share) => flipped(share, 0),
  ],
  [
    'server-share-swapped',
    X,
    'ERR_BAD_RECORD_MAC',
    'X25519 before ML-KEM: a share of the right length, and another secret',
    (share) => concat(share.slice(-32), share.slice(0, -32)),
  ],
  [
    'server-share-group',
    X,
    'ERR_ILLEGAL_PARAMETER',
    'Share for a group that the client sent none for',
    () => ({ group: 0x001d }),
  ],
]

export function badShares() {
  const { client, server } = certificates('mldsa44')
  const made = (id, group, by, error, what, substitute) => ({
    id,
    title: `Key share of the ${by === 'server' ? 'client' : 'server'}: ${what}`,
    refused: { by, error },
    alteration: { by: by === 'server' ? 'client' : 'server', what: `key_share: ${what}` },
    inputs: makeInputs({ id, suite: SUITES[0], group, client, server }),
    substitute,
  })
  return [
    ...CLIENT.map(([id, group, what, edit]) =>
      made(id, group, 'server', 'ERR_BAD_KEY_SHARE', what, onHello('client', clientShare(edit))),
    ),
    ...SERVER.map(([id, group, error, what, edit]) =>
      made(id, group, 'client', error, what, onHello('server', serverShare(edit))),
    ),
  ]
}
