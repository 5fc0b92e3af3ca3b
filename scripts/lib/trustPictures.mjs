// What docs/pictures shows: who holds what, who vouches for whom beforehand, and what goes over the wire.
// `top` are those who vouch: at `left` and `right` above the ends, or in the `middle` between them. An arrow of `vouches`
// leads from them to an end, or from an end to them. On the wire `→` is from the client, `←` from the server; `⇠⇢` is what
// both were given beforehand.

export const PICTURES = [
  {
    file: 'public-ca',
    title: 'Classical certificates of a public authority',
    top: [{ at: 'middle', name: 'public authority', lines: ['ECDSA or RSA root,', 'known to every system'] }],
    vouches: [
      { end: 'server', text: 'certifies its name' },
      { end: 'client', text: 'root, with the system' },
    ],
    client: ['the roots that Node brings'],
    server: ['certificate and intermediates', 'private key: ECDSA or RSA'],
    wire: [
      ['→', 'ClientHello: hybrid share'],
      ['←', 'ServerHello: hybrid share'],
      ['←', 'Certificate, CertificateVerify'],
    ],
    outcome: 'Known: the server, by a classical signature. Closed to a tape all the same: X25519 and ML-KEM.',
  },
  {
    file: 'private-pki',
    title: 'A PKI of your own with ML-DSA',
    top: [
      { at: 'middle', name: 'your root, offline', lines: ['certifies an issuing authority,', 'bound to your names'] },
    ],
    vouches: [
      { end: 'server', text: 'certificate for some days' },
      { end: 'client', text: 'root (and a certificate)' },
    ],
    client: ['root.pem', 'its own certificate and key,', 'where the server asks for them'],
    server: ['certificate, issuing authority', 'private key: ML-DSA', 'root.pem, to know clients by'],
    wire: [
      ['→', 'ClientHello'],
      ['←', 'Certificate, CertificateVerify'],
      ['→', 'Certificate, CertificateVerify'],
    ],
    outcome: 'Known: both, by ML-DSA signatures and your authority’s word for the names.',
  },
  {
    file: 'pinned-keys',
    title: 'Pinned raw public keys',
    top: [
      { at: 'middle', name: 'a way that you trust', lines: ['configuration, a visit,', 'a fingerprint read aloud'] },
    ],
    vouches: [
      { end: 'server', text: 'its public key', from: 'end' },
      { end: 'client', text: 'the server’s pin' },
    ],
    client: ['pin: name and fingerprint'],
    server: ['private key', 'no certificate'],
    wire: [
      ['→', 'server_certificate_type: raw key'],
      ['←', 'Certificate: the bare key'],
      ['←', 'CertificateVerify'],
    ],
    outcome: 'Known: the server, as the holder of the key that was pinned. Clients likewise, if asked.',
  },
  {
    file: 'web-of-trust',
    title: 'A web of trust: 2 of 3 introducers',
    top: [
      { at: 'middle', name: 'Alice, Bob, Carol', lines: ['each has compared the key', 'with its owner, and signed'] },
    ],
    vouches: [
      { end: 'server', text: 'have compared its key' },
      { end: 'client', text: 'keys and endorsements' },
    ],
    client: ['public keys of the three', 'endorsements by Alice and Carol', 'threshold 2'],
    server: ['private key', 'no certificate'],
    wire: [
      ['→', 'server_certificate_type: raw key'],
      ['←', 'Certificate: the bare key'],
      ['←', 'CertificateVerify'],
    ],
    outcome: 'Known: the server, since at least 2 of 3 say whose key it is. Nobody decides alone.',
  },
  {
    file: 'auth-psk',
    title: 'A pre-shared key for authentication',
    top: [],
    vouches: [],
    client: ['PSK “branch-17”'],
    server: ['PSK “branch-17”', 'one for each other client'],
    wire: [
      ['⇠⇢', '32 random octets, by a courier'],
      ['→', 'ClientHello: identity and binder'],
      ['←', 'ServerHello: that identity; Finished'],
      ['→', 'Finished'],
    ],
    outcome: 'Known: both, as the only two who have the key. No certificate, no signature.',
  },
  {
    file: 'qkd-alone',
    title: 'QKD keys alone: the key managers vouch',
    top: [
      { at: 'left', name: 'key manager A', lines: ['knows SAE A by its TLS certificate'] },
      { at: 'right', name: 'key manager B', lines: ['knows SAE B by its TLS certificate'] },
    ],
    link: 'authenticated QKD link',
    vouches: [
      { end: 'client', text: 'a key, and its key_ID', live: true },
      { end: 'server', text: 'the key of that key_ID', live: true },
    ],
    client: ['certificate for its key manager'],
    server: ['certificate for its key manager'],
    wire: [
      ['→', 'ClientHello: key_ID, SAEs, binder'],
      ['←', 'ServerHello: that key; Finished'],
      ['→', 'Finished'],
    ],
    outcome: 'Known: both, as the SAEs that the key managers give this key to, and to nobody else.',
  },
  {
    file: 'qkd-bootstrap',
    title: 'First contact by certificate or PSK, then QKD keys',
    top: [
      { at: 'left', name: 'key manager A', lines: ['a new key for each session'] },
      { at: 'right', name: 'key manager B', lines: ['the same key, by key_ID'] },
    ],
    link: 'authenticated QKD link',
    vouches: [
      { end: 'client', text: 'keys, and their key_IDs', live: true },
      { end: 'server', text: 'the keys of these key_IDs', live: true },
    ],
    client: ['root certificate or PSK', 'register of servers that', 'have proved themselves'],
    server: ['certificate and key, or PSK', 'register of clients that', 'have proved themselves'],
    wire: [
      ['→', 'once a day: key_ID 1'],
      ['←', 'Certificate, CertificateVerify'],
      ['→', 'then: key_ID 2, by itself'],
      ['←', 'Finished'],
    ],
    outcome: 'Known: at first contact by certificate or PSK, and for a day by the QKD keys alone.',
  },
  {
    file: 'hybrid',
    title: 'Certificate and pre-shared key together (RFC 9973)',
    top: [{ at: 'middle', name: 'your root', lines: ['certifies names'] }],
    vouches: [
      { end: 'server', text: 'certificate' },
      { end: 'client', text: 'root (and a certificate)' },
    ],
    client: ['root.pem', 'PSK “branch-17”', '(and a QKD key for the session)'],
    server: ['certificate and private key', 'PSK “branch-17”', '(and the same QKD key)'],
    wire: [
      ['⇠⇢', '32 random octets, by a courier'],
      ['→', 'ClientHello: identity and binder'],
      ['←', 'ServerHello: that identity'],
      ['←', 'Certificate, CertificateVerify'],
    ],
    outcome: 'Known: the server, by a signature and a secret. Whoever breaks one of them gets nowhere.',
  },
]
