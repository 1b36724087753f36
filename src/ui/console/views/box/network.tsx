/** The network page: where the hub is, its certificate, which web pages may use it, and what stands in their way. */
import type { JSX } from 'preact'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge } from '../../../parts/badge.tsx'
import { say } from '../../../words/say.ts'
import { networkChanged, useAsked, useOrigins } from '../../context.ts'
import '../../styles/box.css'
import { Card, CopyButton, QrButton, Unasked } from './bits.tsx'
import { CertificateCard } from './certificate.tsx'
import { OriginsCard } from './origins.tsx'
import { ReachCard } from './reach.tsx'

export function NetworkView(): JSX.Element {
  const network = useAsked('network.info', {}, networkChanged)
  const tls = useAsked('tls.info', {}, networkChanged)
  const origins = useOrigins()
  const found = network.answer.value
  const certificate = tls.answer.value
  const list = origins.answer.value?.origins
  return (
    <div class="box-cards">
      <Unasked of={[network, tls, origins]} />
      {found !== undefined && <AddressesCard network={found} />}
      {certificate !== undefined && <CertificateCard tls={certificate} asked={tls} network={found} />}
      {list !== undefined && <OriginsCard origins={list} onChanged={origins.ask} />}
      {found !== undefined && certificate !== undefined && list !== undefined && (
        <ReachCard network={found} tls={certificate} origins={list} />
      )}
    </div>
  )
}

function AddressesCard({ network }: { network: Result<'network.info'> }): JSX.Element {
  const { addresses, hosts, httpPort, httpsPort, name, reachable, tokensOver, urls } = network
  return (
    <Card title={say('box.net.title')} name="addresses">
      <p class="box-state">
        {reachable ? (
          <Badge tone="good" icon="ready">
            {say('box.net.reachable')}
          </Badge>
        ) : (
          <Badge tone="wait" icon="faulty">
            {say('box.net.here')}
          </Badge>
        )}
      </p>
      {!reachable && (
        <p class="hint">
          {say('box.net.hereCure')} <a href="#/config">{say('box.net.toConfig')}</a>
        </p>
      )}
      <h3>{say('box.net.urls')}</h3>
      <ul class="box-urls">
        {urls.map((url) => (
          <li key={url}>
            <a href={url}>
              <code>{url}</code>
            </a>
            <span class="actions">
              <CopyButton text={url} what={url} />
              <QrButton url={url} what={url} />
            </span>
          </li>
        ))}
      </ul>
      <dl class="facts">
        <dt>{say('box.net.name')}</dt>
        <dd>
          <code>{name}.local</code>
        </dd>
        <dt>{say('box.net.ports')}</dt>
        <dd>
          http {httpPort}, {httpsPort === null ? say('box.net.noHttps') : `https ${httpsPort}`}
        </dd>
        <dt>{say('box.net.addresses')}</dt>
        <dd>
          <ul>
            {addresses.map(({ address, interface: card }) => (
              <li key={`${card} ${address}`}>
                <code>{address}</code> <span class="hint">{card}</span>
              </li>
            ))}
          </ul>
        </dd>
        <dt>{say('box.net.secrets')}</dt>
        <dd>{say(tokensOver === 'https' ? 'box.net.secretsHttps' : 'box.net.secretsAny')}</dd>
      </dl>
      <details class="box-more">
        <summary>{say('box.net.hosts')}</summary>
        <p class="hint">{say('box.net.hostsHint')}</p>
        <ul class="box-chips">
          {hosts.map((host) => (
            <li key={host}>
              <code>{host}</code>
            </li>
          ))}
        </ul>
      </details>
    </Card>
  )
}
