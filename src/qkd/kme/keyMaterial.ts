/** Where the random bits come from that key managers cut into keys. */

/** A link that yields secret bits known at both sites: a QKD link, or in its place a random generator. */
export interface KeyMaterialSource {
  /**
   * Up to `length` octets that were never given before and never will be; fewer, or none, when the link has no more
   * just now. The taker owns and wipes them.
   */
  draw(length: number): Uint8Array
  /** Why the link gives nothing, in a clause fit for a reply to an SAE; null or absent when there is no more to say. */
  readonly reason?: string | null
}

/** Random octets instead of a QKD link; with `supply`, only so many octets in all. */
export function randomKeyMaterial(
  random: (length: number) => Uint8Array,
  supply: number = Number.POSITIVE_INFINITY,
): KeyMaterialSource {
  let remaining = supply
  return {
    draw(length) {
      const drawn = random(Math.min(length, remaining))
      remaining -= drawn.length
      return drawn
    },
  }
}
