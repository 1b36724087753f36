/** The addresses of the hub, and a picture that opens the best of them on a phone. */
import type { JSX } from 'preact'
import { isLoopback } from '../../../../protocol/client-urls.ts'
import { say } from '../../../words/say.ts'
import { isTechnician, networkChanged, useAsked, useConsole } from '../../context.ts'
import { AddressQr } from '../../qr-picture.tsx'

const shownMax = 4

export function Addresses(): JSX.Element | null {
  const { session } = useConsole()
  const { answer } = useAsked('network.info', {}, networkChanged, isTechnician(session.role.value))
  const network = answer.value
  const here = session.hub.href
  const urls = network === undefined || network.urls.length === 0 ? [here] : network.urls
  const best = urls[0] ?? here
  const alone = network?.reachable === false
  // Without the hub's own word only this page's address is known; on the box itself that leads no other device anywhere.
  if (network === undefined && isLoopback(session.hub.hostname)) return null
  return (
    <section class="card overview-card" aria-labelledby="addresses">
      <h2 id="addresses">{say('shell.addresses')}</h2>
      {alone ? (
        <p class="hint">{say('shell.addresses.alone')}</p>
      ) : (
        <div class="addresses">
          <AddressQr key={best} url={best} caption={say('shell.addresses.scan')} />
          <ul>
            {urls.slice(0, shownMax).map((url) => (
              <li key={url}>
                <a href={url}>{url.replace(/\/$/, '')}</a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}
