/**
 * A pass over the sources: each is asked at most once, until one gives.
 *
 * A call that timed out or broke off may have delivered its key to nobody. For a fresh key that is a key lost, and the
 * next source gives another. For a named key the next source is asked for the same one: it cannot be given out twice,
 * since an answer that comes after its time is wiped, and calls are made one after the other.
 */
import type { TrefoilError } from '../../errors.js'
import type { HeldKey } from './heldKey.js'
import { nextOf, noFreshKey, noNamedKey, type Reason } from './refusals.js'
import { type Client, Supplier, type SupplierContext } from './supplier.js'

export class Failover {
  readonly suppliers: readonly Supplier[]
  readonly #context: SupplierContext
  /** Which source gave a peer's key last, and whether the supply is known to be exhausted. */
  readonly #serving = new Map<string, string>()
  readonly #exhausted = new Set<string>()

  constructor(context: SupplierContext) {
    this.#context = context
    this.suppliers = context.settings.sources.map((entry) => new Supplier(entry, context))
  }

  /** Fresh keys that one pass may bring. */
  keysPerCall(peerSaeId: string): number {
    const first = this.suppliers.find((supplier) => supplier.reasonToSkip(peerSaeId, false) === null)
    return first?.keysPerCall ?? 1
  }

  /** From 1 to `number` fresh keys. @throws TrefoilError */
  async draw(client: Client, number: number, signal: AbortSignal): Promise<HeldKey[]> {
    const { peerSaeId } = client
    const reasons: Reason[] = []
    for (const supplier of this.#order()) {
      const keys = await this.#attempt(supplier, client, false, reasons, () => supplier.draw(client, number, signal))
      if (keys !== null) {
        this.#exhausted.delete(peerSaeId)
        this.#served(peerSaeId, supplier.label, reasons)
        return keys
      }
      if (signal.aborted) break
    }
    const refusal = noFreshKey(reasons)
    if (refusal.code === 'ERR_QKD_EXHAUSTED' && !this.#exhausted.has(peerSaeId)) {
      this.#exhausted.add(peerSaeId)
      const nextMilliseconds = nextOf(reasons)
      this.#context.notify('exhausted', { peerSaeId, nextMilliseconds, failures: reasons.map(told) })
    }
    throw refusal
  }

  /** The key that the peer named, from whichever source holds it. @throws TrefoilError */
  async fetch(client: Client, keyId: string, signal: AbortSignal): Promise<HeldKey> {
    const reasons: Reason[] = []
    for (const supplier of this.suppliers) {
      const key = await this.#attempt(supplier, client, true, reasons, () => supplier.fetch(client, keyId, signal))
      if (key !== null) return key
      if (signal.aborted) break
    }
    throw noNamedKey(reasons)
  }

  /** Null, with the reason added, when the source does not give. */
  async #attempt<T>(
    supplier: Supplier,
    { peerSaeId }: Client,
    named: boolean,
    reasons: Reason[],
    call: () => Promise<T>,
  ): Promise<T | null> {
    const skipped = supplier.reasonToSkip(peerSaeId, named)
    if (skipped !== null) {
      reasons.push(skipped)
      return null
    }
    try {
      return await call()
    } catch (thrown) {
      const error = thrown as TrefoilError
      // The caller gave up, or asked for what no source can be asked for.
      if (error.code === 'ERR_ABORTED' || error.code === 'ERR_INVALID_OPTION') throw error
      reasons.push(supplier.reasonFor(error, peerSaeId))
      return null
    }
  }

  #served(peerSaeId: string, label: string, reasons: readonly Reason[]): void {
    const from = this.#serving.get(peerSaeId) ?? null
    this.#serving.set(peerSaeId, label)
    if (reasons.length === 0 || from === label) return
    this.#context.notify('failover', { peerSaeId, from, to: label, failures: reasons.map(told) })
  }

  /** In order of preference; where there are weights, drawn by them, without replacement. */
  #order(): readonly Supplier[] {
    const { weighted, random } = this.#context.settings
    if (!weighted) return this.suppliers
    const left = [...this.suppliers]
    const order: Supplier[] = []
    while (left.length > 0) {
      let point = random() * left.reduce((sum, { weight }) => sum + weight, 0)
      let index = 0
      for (const { weight } of left) {
        point -= weight
        if (point < 0) break
        index++
      }
      order.push(...left.splice(Math.min(index, left.length - 1), 1))
    }
    return order
  }
}

function told({ source, code, message }: Reason) {
  return { source, code, message }
}
