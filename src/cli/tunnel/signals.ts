/** What signals mean to a tunnel. */

export interface SignalHandlers {
  /** SIGHUP. Never rejects; those that come meanwhile are one more reload after it. */
  onReload(): Promise<void>
  /** SIGINT or SIGTERM for the second time. */
  onAgain(): void
}

export interface Stop {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly stopped: Promise<void>
  release(): void
}

export function untilStopped({ onReload, onAgain }: SignalHandlers): Stop {
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  let count = 0
  const onStop = () => {
    count++
    if (count === 1) stop()
    else onAgain()
  }
  let running = false
  let again = false
  const onHangUp = async () => {
    again = running
    if (running) return
    running = true
    do {
      again = false
      await onReload()
    } while (again)
    running = false
  }
  process.on('SIGINT', onStop).on('SIGTERM', onStop).on('SIGHUP', onHangUp)
  return {
    stopped,
    release: () => void process.off('SIGINT', onStop).off('SIGTERM', onStop).off('SIGHUP', onHangUp),
  }
}
