/** What a run rests on and what it cannot show, and what it takes to repeat it. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report } from '../../report.js'

export function limitsSection({ timeline }: Report): Markup {
  const time = timeline.length === 0 ? NOTHING : html`, see <a href="#time">Time</a>`
  return html`<section aria-labelledby="limits">
<h2 id="limits">Assumptions and limits</h2>
<p>The run shows how secrets are put together, not that each of them is good. It rests on these assumptions:</p>
<ul>
<li><b>HKDF is a dual PRF</b>: its extract step gives an unpredictable key when either input is one, whatever the other
is, even if an adversary chose it (eprint 2023/861). The chain of extracts in TLS 1.3 combines the components by that.</li>
<li><b>The AEAD and the hash are sound</b>: AES-GCM or ChaCha20-Poly1305 gives nothing away without its key, and no two
transcripts have the same hash.</li>
<li><b>Both ends knew each other at the time</b>: when the handshake took place, whoever was to be authenticated was, by
a signature, a PSK or the key managers. What falls afterwards changes nothing${time}.</li>
<li><b>Randomness is good</b>: ephemeral keys and QKD keys are unpredictable until they leak.</li>
</ul>
<p>It cannot show:</p>
<ul>
<li>whether a primitive is sound. That ML-KEM or a curve falls is assumed here, never computed;</li>
<li>side channels: time, memory, power, and what a machine leaves on its disks;</li>
<li>defects on paths that no scenario takes, or in what no traced computation touches;</li>
<li>what the recording shows by itself: who talks to whom, when and how much, server names, key_IDs, PSK identities;</li>
<li>what an endpoint gives away while it is in somebody else's hands.</li>
</ul>
</section>`
}

export function runSection({ environment, extent }: Report): Markup {
  const { trefoil, node, provider, platform, seed, startedAt } = environment
  const facts = [
    ['Trefoil', trefoil],
    ['Node', node],
    ['Cryptography', provider],
    ['Platform', platform],
    ['Started', startedAt],
    ['Seed', seed],
  ] as const
  return html`<section aria-labelledby="run">
<h2 id="run">This run, and how to repeat it</h2>
<dl class="terms">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd class="value">${value}</dd></div>`)}</dl>
${repetition(extent, seed)}
<p>The method is described in <code>docs/record-now-decrypt-later.md</code> of the package.</p>
</section>`
}

function repetition(extent: Report['extent'], seed: string): Markup {
  const from = 'Whatever both ends draw at random comes from the seed'
  if (extent === 'configuration') {
    return html`<p>${from}: <code>assessConfiguration</code> with the same options and this seed gives the same.</p>`
  }
  const quick = extent === 'quick' ? ' --quick' : ''
  return html`<p>${from}, so that the same seed gives the same run:</p>
<pre><code>trefoil rndl${quick} --html report.html --seed ${seed}</code></pre>
<p>With <code>--json</code> every result comes as a line for machines.</p>`
}
