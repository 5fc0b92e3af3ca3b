/** What a run came to: figures of its processes by name, `server` and others. */
export interface Verdict {
  readonly met: boolean
  /** `met` is null for what the run was too short to tell. */
  readonly demands: readonly { readonly demand: string; readonly measured: unknown; readonly met: boolean | null }[]
  readonly uncaught: readonly string[]
}

export function judge(run: { clients: number; seconds: number; outcome: unknown }): Verdict
