/** Recorded handshakes from the folder of known-answer files. */
import { type Recording, recordingsIn } from '../../src/vectors/recordings/recording.js'
import { loadVectors } from './vectors.js'

export { messagesOf, type RecordedMessage } from '../../src/vectors/recordings/messages.js'
export {
  type CompletedRecording as CompletedTrace,
  isCompleted,
  type RecordedRecord,
  type Recording as Trace,
  type Role,
  seedOf,
} from '../../src/vectors/recordings/recording.js'

const file = (folder: string) => recordingsIn(loadVectors(`${folder}/traces.json`))

export const rfc8448Traces = (): readonly Recording[] => file('rfc8448')
export const opensslTraces = (): readonly Recording[] => file('openssl35')
export const publicTraces = (): readonly Recording[] => file('public-traces')

/** All of them; 32 when the folder is whole. */
export const allTraces = (): readonly Recording[] => [...rfc8448Traces(), ...opensslTraces(), ...publicTraces()]
