import type { ClientRequest, OutgoingHttpHeaders } from 'node:http'
import type { ClientHttp2Stream } from 'node:http2'

export function exchange(
  send: (headers: OutgoingHttpHeaders) => ClientRequest | ClientHttp2Stream,
  connection: { readonly isPolite: boolean; expectCut(): void; cut(): void },
  fate: string,
  tally: { add(name: string, by?: number): void },
  progress: { waitsFor(stage: string, streams?: object): void },
): Promise<void>
