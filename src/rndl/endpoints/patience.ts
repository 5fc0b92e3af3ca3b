/** A play in which both ends wait for each other would never end. */
import { TrefoilError } from '../../errors.js'

/** Twice what a handshake may take, on a machine that is busy with other things. */
const PATIENCE = 120_000

/** @throws TrefoilError ERR_INTERNAL when it takes longer than any play does */
export async function inTime<T>(play: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    const tooLong = () => new TrefoilError('ERR_INTERNAL', 'the client and the server did not come to an end')
    timer = setTimeout(() => reject(tooLong()), PATIENCE)
  })
  try {
    return await Promise.race([play, overdue])
  } finally {
    clearTimeout(timer)
  }
}
