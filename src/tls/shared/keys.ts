/** From one stage of the key schedule to the next, with what each stage puts in force. Both roles do the same. */
import { constantTimeEqual, wipe } from '../../bytes.js'
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import type { CommonConfig } from '../config.js'
import { type KeyLogLabel, keyLogLine } from '../keyLog.js'
import {
  type ClientApplicationTrafficSecret,
  type ClientHandshakeTrafficSecret,
  type EarlySecret,
  type ExporterSecret,
  finishedVerifyData,
  type HandshakeSecret,
  type MainSecret,
  type ServerApplicationTrafficSecret,
  type ServerHandshakeTrafficSecret,
  type TrafficSecret,
} from '../keySchedule.js'
import type { Environment } from './environment.js'

export interface HandshakeKeys {
  readonly handshakeSecret: HandshakeSecret
  readonly clientTrafficSecret: ClientHandshakeTrafficSecret
  readonly serverTrafficSecret: ServerHandshakeTrafficSecret
}

/** Once the transcript ends with ServerHello. Ends the early stage and wipes the shared secret. */
export function deriveHandshakeKeys(
  env: Environment<CommonConfig>,
  earlySecret: EarlySecret,
  sharedSecret: Uint8Array,
  clientRandom: Uint8Array,
): HandshakeKeys {
  const handshakeSecret = env.secrets.keep(earlySecret.enterHandshake(sharedSecret))
  wipe(sharedSecret)
  const transcriptHash = env.transcript.digest()
  const clientTrafficSecret = env.secrets.keep(handshakeSecret.clientHandshakeTrafficSecret(transcriptHash))
  const serverTrafficSecret = env.secrets.keep(handshakeSecret.serverHandshakeTrafficSecret(transcriptHash))
  log(env, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', clientRandom, clientTrafficSecret)
  log(env, 'SERVER_HANDSHAKE_TRAFFIC_SECRET', clientRandom, serverTrafficSecret)
  return { handshakeSecret, clientTrafficSecret, serverTrafficSecret }
}

export interface ApplicationKeys {
  readonly mainSecret: MainSecret
  readonly clientTrafficSecret: ClientApplicationTrafficSecret
  readonly serverTrafficSecret: ServerApplicationTrafficSecret
  readonly exporterSecret: ExporterSecret
}

/** Once the transcript ends with the server's Finished. Ends the handshake stage. */
export function deriveApplicationKeys(
  env: Environment<CommonConfig>,
  handshakeSecret: HandshakeSecret,
  clientRandom: Uint8Array,
): ApplicationKeys {
  const mainSecret = env.secrets.keep(handshakeSecret.enterMain())
  const transcriptHash = env.transcript.digest()
  const clientTrafficSecret = env.secrets.keep(mainSecret.clientApplicationTrafficSecret(transcriptHash))
  const serverTrafficSecret = env.secrets.keep(mainSecret.serverApplicationTrafficSecret(transcriptHash))
  const exporterSecret = env.secrets.keep(mainSecret.exporterSecret(transcriptHash))
  log(env, 'CLIENT_TRAFFIC_SECRET_0', clientRandom, clientTrafficSecret)
  log(env, 'SERVER_TRAFFIC_SECRET_0', clientRandom, serverTrafficSecret)
  log(env, 'EXPORTER_SECRET', clientRandom, exporterSecret)
  return { mainSecret, clientTrafficSecret, serverTrafficSecret, exporterSecret }
}

/** verify_data for our own Finished, over the transcript so far. */
export function ownVerifyData(
  env: Environment<CommonConfig>,
  hash: HashAlgorithm,
  trafficSecret: TrafficSecret,
): Uint8Array {
  return finishedVerifyData(env.crypto, hash, trafficSecret, env.transcript.digest())
}

/** Checks the peer's Finished against the transcript before it (RFC 9846 4.5.4). */
export function verifyFinished(
  env: Environment<CommonConfig>,
  hash: HashAlgorithm,
  trafficSecret: TrafficSecret,
  verifyData: Uint8Array,
): void {
  const expected = ownVerifyData(env, hash, trafficSecret)
  if (verifyData.length !== expected.length) {
    throw new TrefoilError('ERR_DECODE', `peer sent a Finished of ${verifyData.length} octets`)
  }
  if (!constantTimeEqual(verifyData, expected)) {
    throw new TrefoilError('ERR_BAD_FINISHED', 'peer sent a Finished that does not verify')
  }
}

/** Suites whose hash a PSK may have, most preferred first, without repeats. */
export function hashesOf(
  suites: readonly CipherSuiteName[],
  hashOf: (suite: CipherSuiteName) => HashAlgorithm,
): HashAlgorithm[] {
  return [...new Set(suites.map(hashOf))]
}

function log(env: Environment<CommonConfig>, label: KeyLogLabel, clientRandom: Uint8Array, secret: Uint8Array): void {
  if (env.config.keylog === true) env.channel.emit({ type: 'keylog', line: keyLogLine(label, clientRandom, secret) })
}
