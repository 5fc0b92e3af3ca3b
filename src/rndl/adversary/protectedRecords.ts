/** Reads the protected part of a connection under its traffic secrets, to the end of the tape. */
import { Cursor } from './cursor.js'
import { MessageCutter } from './handshakeMessages.js'
import { MessageType, takesEarlyData } from './hellos.js'
import { digest, expandLabel, type Hash } from './keyDerivation.js'
import type { Opened, OpenedTicket } from './openConnection.js'
import type { PlainHandshake } from './plainHandshake.js'
import { ContentType, Opener, type Suite, type WireRecord } from './protection.js'
import type { Known, Schedule } from './schedule.js'
import type { Direction } from './tape.js'
import { readNewSessionTicket } from './tickets.js'

export interface ApplicationSecrets {
  readonly client: Known
  readonly server: Known
  readonly exporter: Known
}

export interface TrafficSecrets {
  readonly clientEarly: Known
  /** Handshake traffic secrets. */
  readonly client: Buffer
  readonly server: Buffer
  /** Given the transcript hash of ClientHello…server Finished. */
  readonly application: (transcriptHash: Buffer) => ApplicationSecrets
  /** Given that of ClientHello…client Finished; null when all that leaked were traffic secrets. */
  readonly resumption: ((transcriptHash: Buffer) => Known) | null
}

export type ReadRecords = Pick<
  Opened,
  'handshakeMessages' | 'certificates' | 'applicationData' | 'keyUpdates' | 'tickets' | 'exporterSecret'
>

export function readProtected(plain: PlainHandshake, secrets: TrafficSecrets, schedule: Schedule): ReadRecords {
  const { hash } = plain.suite
  const server = new Stream('server', plain, schedule)
  const client = new Stream('client', plain, schedule)
  const serverFlight = server.untilFinished(secrets.server)
  const throughServer = Buffer.concat([plain.transcript, ...serverFlight])
  const application = secrets.application(digest(hash, throughServer))
  const early = plain.clientHello.earlyData && serverFlight[0] !== undefined && takesEarlyData(serverFlight[0])
  const endOfEarlyData = early && secrets.clientEarly !== null ? client.untilEndOfEarlyData(secrets.clientEarly) : []
  const clientFlight = client.untilFinished(secrets.client)
  const throughClient = Buffer.concat([throughServer, ...endOfEarlyData, ...clientFlight])
  const resumption = secrets.resumption?.(digest(hash, throughClient)) ?? null
  client.toTheEnd(application.client)
  server.toTheEnd(application.server)
  const messages = [...server.messages, ...client.messages]
  return {
    handshakeMessages: messages,
    certificates: { client: certificatesIn(client.messages), server: certificatesIn(server.messages) },
    applicationData: { client: client.data(), server: server.data() },
    keyUpdates: { client: client.keyUpdates, server: server.keyUpdates },
    tickets: resumption === null ? [] : ticketsIn(server.messages, hash, resumption),
    exporterSecret: application.exporter,
  }
}

interface Message {
  readonly from: Direction
  readonly message: Buffer
}

/** One direction of a connection. */
class Stream {
  readonly messages: Message[] = []
  keyUpdates = 0
  readonly #from: Direction
  readonly #suite: Suite
  readonly #schedule: Schedule
  readonly #records: readonly WireRecord[]
  readonly #data: Buffer[] = []
  /** Early data that the server does not take stands between the hello and what we can open. */
  readonly #skipsUnreadable: boolean
  #next = 0

  constructor(from: Direction, { suite, protectedRecords, clientHello }: PlainHandshake, schedule: Schedule) {
    this.#from = from
    this.#suite = suite
    this.#schedule = schedule
    this.#records = protectedRecords[from]
    this.#skipsUnreadable = from === 'client' && clientHello.earlyData
  }

  data(): Buffer {
    return Buffer.concat(this.#data)
  }

  untilFinished(secret: Buffer): Buffer[] {
    return this.#read(secret, MessageType.finished, this.#skipsUnreadable)
  }

  untilEndOfEarlyData(secret: Buffer): Buffer[] {
    return this.#read(secret, MessageType.endOfEarlyData, false)
  }

  toTheEnd(secret: Known): void {
    let current = secret
    while (current !== null) {
      if (this.#read(current, MessageType.keyUpdate, false).at(-1)?.[0] !== MessageType.keyUpdate) return
      this.keyUpdates++
      current = this.#schedule.nextTraffic(this.#suite.hash, current)
    }
  }

  /** The messages up to and with the first of type `last`, or up to where nothing opens any more. */
  #read(secret: Buffer, last: number, skipping: boolean): Buffer[] {
    const opener = new Opener(this.#suite, secret, this.#schedule)
    const cutter = new MessageCutter()
    const read: Buffer[] = []
    for (; this.#next < this.#records.length; this.#next++) {
      const inner = opener.open(this.#records[this.#next] as WireRecord)
      if (inner === null) {
        if (skipping && read.length === 0) continue
        return read
      }
      if (inner.type === ContentType.applicationData) this.#data.push(inner.content)
      if (inner.type !== ContentType.handshake) continue
      for (const message of cutter.add(inner.content)) {
        read.push(message)
        this.messages.push({ from: this.#from, message })
      }
      if (read.at(-1)?.[0] === last) {
        // Keys change behind it, so it ends its record (RFC 9846 5.1).
        this.#next++
        return read
      }
    }
    return read
  }
}

function certificatesIn(messages: readonly Message[]): Buffer[] | null {
  const certificate = messages.find(({ message }) => message[0] === MessageType.certificate)?.message
  if (certificate === undefined) return null
  const cursor = new Cursor(certificate.subarray(4))
  cursor.vector(1)
  return new Cursor(cursor.vector(3)).list((entry) => {
    const octets = entry.vector(3)
    entry.vector(2)
    return octets
  })
}

function ticketsIn(messages: readonly Message[], hash: Hash, resumptionSecret: Buffer): OpenedTicket[] {
  return messages.flatMap(({ message }) => {
    const given = readNewSessionTicket(message)
    if (given === null) return []
    const { ticket, nonce } = given
    return [{ ticket, psk: expandLabel(hash, resumptionSecret, 'resumption', nonce), hash }]
  })
}
