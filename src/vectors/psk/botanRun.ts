/** The keys of Botan's run, by which its records open. */
import { concat, fromHex, toHex } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName, cipherSuiteByCodePoint } from '../../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { EarlySecret } from '../../tls/keySchedule.js'
import { decodeServerHello } from '../../tls/messages/serverHello.js'
import { RecordProtection } from '../../tls/recordProtection.js'
import { MAX_INNER_PLAINTEXT_LENGTH, type Record, RecordReader } from '../../tls/wire/record.js'
import type { Fields } from '../check/fields.js'
import { expectHex, expectOctets } from '../check/outcome.js'
import type { RecordedKeyPair } from '../recordings/recording.js'

/** A pool begins with the Random of the hello, and goes on with the private key. */
const RANDOM_LENGTH = 32
const KEY_LENGTH = 32

interface BothSides {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

export class BotanRun {
  readonly cipherSuite: CipherSuiteName
  readonly hash: HashAlgorithm
  readonly client: RecordedKeyPair
  readonly server: RecordedKeyPair
  readonly clientHello: Uint8Array
  readonly serverHello: Uint8Array
  /** EncryptedExtensions and Finished. */
  readonly serverFlight: Uint8Array
  readonly sharedSecret: Uint8Array
  readonly handshakeSecrets: BothSides
  readonly applicationSecrets: BothSides
  readonly exporterSecret: Uint8Array
  readonly #crypto: CryptoProvider
  readonly #fields: Fields

  /** @throws Error when a hello cannot be read, or the flight of the server does not open to what is given */
  constructor(crypto: CryptoProvider, fields: Fields) {
    this.#crypto = crypto
    this.#fields = fields
    this.clientHello = this.#record('Record_ClientHello_1').payload
    this.serverHello = this.#record('Record_ServerHello').payload
    this.#expectGiven('Message_ServerHello', this.serverHello)
    const cipherSuite = cipherSuiteByCodePoint(decodeServerHello(this.serverHello.subarray(4)).cipherSuite)
    if (cipherSuite === undefined) throw new Error('the ServerHello selects a cipher suite that is unknown here')
    this.cipherSuite = cipherSuite
    this.hash = CIPHER_SUITES[cipherSuite].hash
    this.client = this.#keyPair('Client_RNG_Pool', this.clientHello)
    this.server = this.#keyPair('Server_RNG_Pool', this.serverHello)
    const share = crypto.generateKeyShare('x25519', fromHex(this.client.privateKey ?? ''))
    this.sharedSecret = share.agree(fromHex(this.server.publicKey))

    const handshake = new EarlySecret(crypto, this.hash, fields.octets('PskSecret')).enterHandshake(this.sharedSecret)
    const afterHellos = this.#digest(this.clientHello, this.serverHello)
    this.handshakeSecrets = {
      client: handshake.clientHandshakeTrafficSecret(afterHellos),
      server: handshake.serverHandshakeTrafficSecret(afterHellos),
    }
    this.serverFlight = this.open('Record_ServerHandshakeMessages', this.handshakeSecrets.server)
    this.#checkFlight()
    const main = handshake.enterMain()
    const afterServer = this.#digest(this.clientHello, this.serverHello, this.serverFlight)
    this.applicationSecrets = {
      client: main.clientApplicationTrafficSecret(afterServer),
      server: main.serverApplicationTrafficSecret(afterServer),
    }
    this.exporterSecret = main.exporterSecret(afterServer)
  }

  /** The content of a protected record. @throws TrefoilError ERR_BAD_RECORD_MAC */
  open(name: string, secret: Uint8Array, sequenceNumber = 0): Uint8Array {
    const protection = new RecordProtection(this.#crypto, this.cipherSuite, secret)
    protection.records = sequenceNumber
    return protection.open(this.#record(name), MAX_INNER_PLAINTEXT_LENGTH).content
  }

  #checkFlight(): void {
    const parts = ['Message_EncryptedExtensions', 'Message_Server_Finished']
    if (!this.#fields.has(...parts)) return
    const given = concat(...parts.map((name) => this.#fields.octets(name)))
    expectOctets('the flight of the server', this.serverFlight, given)
  }

  #keyPair(pool: string, hello: Uint8Array): RecordedKeyPair {
    const octets = this.#fields.octets(pool)
    // Behind the message header and the legacy version.
    expectOctets(`the random of ${pool}`, hello.subarray(6, 6 + RANDOM_LENGTH), octets.subarray(0, RANDOM_LENGTH))
    const privateKey = octets.subarray(RANDOM_LENGTH, RANDOM_LENGTH + KEY_LENGTH)
    const { publicShare } = this.#crypto.generateKeyShare('x25519', privateKey)
    return { group: 'x25519', privateKey: toHex(privateKey), publicKey: toHex(publicShare) }
  }

  #record(name: string): Record {
    const reader = new RecordReader()
    reader.push(this.#fields.octets(name))
    const record = reader.next()
    if (record === null || reader.partial) throw new Error(`${name} is not one whole record`)
    return record
  }

  #expectGiven(name: string, octets: Uint8Array): void {
    if (this.#fields.has(name)) expectHex(name, octets, this.#fields.text(name))
  }

  #digest(...messages: readonly Uint8Array[]): Uint8Array {
    return this.#crypto.hash(this.hash, concat(...messages))
  }
}
