/** What passes between a process and those that it starts: questions and answers, plain JSON. */

/** The questions that a program understands: what is asked, and what is answered. */
export type Questions = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>

export interface Question {
  readonly id: number
  readonly name: string
  readonly ask: unknown
}

export type Answer = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly failure: { readonly code: string | null; readonly message: string } }
)

export type Answers<Q extends Questions> = {
  readonly [Name in keyof Q]: (ask: Q[Name]['ask']) => Promise<Q[Name]['answer']> | Q[Name]['answer']
}

/**
 * Called once by the program of a child process: it answers until its parent lets go of it, and ends then.
 * @param leave what is to be done first if the parent is gone, however it went
 */
export function answerQuestions<Q extends Questions>(answers: Answers<Q>, leave: () => void = () => {}): void {
  process.on('message', async ({ id, name, ask }: Question) => {
    const tell = (answer: Answer) => void (process.connected && process.send?.(answer))
    try {
      const answering = answers[name]
      if (answering === undefined) throw new Error(`nobody here answers ${name}`)
      tell({ id, answer: (await answering(ask)) ?? null })
    } catch (thrown) {
      tell({ id, failure: failureOf(thrown) })
    }
  })
  const orphaned = () => {
    leave()
    process.exit()
  }
  process.on('disconnect', orphaned)
  process.on('SIGTERM', () => process.exit())
  // Ctrl-C reaches all processes of a terminal; the parent decides what it means.
  process.on('SIGINT', () => {})
  // It may have gone before anybody here listened.
  if (!process.connected) orphaned()
}

function failureOf(thrown: unknown): { code: string | null; message: string } {
  if (!(thrown instanceof Error)) return { code: null, message: String(thrown) }
  return { code: 'code' in thrown ? String(thrown.code) : null, message: thrown.message }
}
