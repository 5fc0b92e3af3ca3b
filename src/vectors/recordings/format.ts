/** Recorded handshakes: RFC 8448, and others in the same layout. */
import type { JsonObject } from '../check/fields.js'
import { describeThrown, outcomeOf, skip } from '../check/outcome.js'
import type { VectorCase, VectorFormat } from '../format.js'
import { replayCompleted } from './completedReplay.js'
import { KeyScheduleReplay } from './keyScheduleReplay.js'
import { checkProof, proofsOf } from './proofs.js'
import { holdsRecordings, isCompleted, othersIn, type Recording, type Role, recordingsIn } from './recording.js'
import { checkRecords } from './records.js'
import { replayRefused } from './refusedReplay.js'
import { checkStep } from './steps.js'
import { checkMessages } from './transport.js'

export const recordings: VectorFormat = {
  name: 'recorded handshakes',
  recognises: holdsRecordings,
  cases: (document) => [
    ...recordingsIn(document as JsonObject).flatMap(readableCases),
    ...othersIn(document as JsonObject).map(({ id }) => ({
      id,
      run: () => outcomeOf(() => skip('a trace without records, or without values to hold them against')),
    })),
  ],
}

/** One that cannot be read does not keep the others from being run. */
function readableCases(recording: Recording): readonly VectorCase[] {
  try {
    return casesOf(recording)
  } catch (thrown) {
    return [{ id: recording.id, run: () => ({ failed: describeThrown(thrown) }) }]
  }
}

/** What is checked of one recording. */
export function casesOf(recording: Recording): readonly VectorCase[] {
  const { id } = recording
  return [
    ...stepCases(recording),
    { id: `${id}: messages`, run: () => outcomeOf(() => checkMessages(recording)) },
    { id: `${id}: records`, run: (provider) => outcomeOf(() => checkRecords(provider, recording)) },
    ...proofCases(recording),
    ...(isCompleted(recording) ? completedCases(recording) : refusedCases(recording)),
  ]
}

function stepCases(recording: Recording): VectorCase[] {
  return (recording.steps ?? []).flatMap((step, index) => {
    if (Object.keys(step.fields ?? {}).length === 0) return []
    const id = `${recording.id}: step ${index + 1} (${step.role}: ${step.action})`
    return [{ id, run: (provider) => outcomeOf(() => checkStep(provider, recording, step)) }]
  })
}

function proofCases(recording: Recording): VectorCase[] {
  return proofsOf(recording).map((proof) => ({
    id: `${recording.id}: CertificateVerify of the ${proof.from}`,
    run: (provider) => outcomeOf(() => checkProof(provider, proof)),
  }))
}

function completedCases(recording: Parameters<typeof replayCompleted>[1]): VectorCase[] {
  const { id } = recording
  return [
    {
      id: `${id}: key schedule`,
      run: (provider) => outcomeOf(() => new KeyScheduleReplay(provider, recording).run()),
    },
    ...rolesOf(recording).map(
      (role): VectorCase => ({
        id: `${id}: with our core as the ${role}`,
        run: (provider) => outcomeOf(() => replayCompleted(provider, recording, role)),
      }),
    ),
  ]
}

function refusedCases(recording: Recording): VectorCase[] {
  return (['client', 'server'] as const).map((role) => ({
    id: `${recording.id}: with our core as the ${role}`,
    run: (provider) => outcomeOf(() => replayRefused(provider, recording, role)),
  }))
}

/** Those whose private keys the recording has. */
function rolesOf({ values }: Recording): readonly Role[] {
  const roles: Role[] = []
  if ((values.clientKeyPairs ?? []).length > 0) roles.push('client')
  if ((values.serverKeyPairs ?? []).length > 0) roles.push('server')
  return roles
}
