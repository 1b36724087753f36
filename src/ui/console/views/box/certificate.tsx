/** The certificate that browsers are shown: what it says, what is wrong with it, and how it is made anew. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { dateText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { type Asked, useActions, useConsole } from '../../context.ts'
import { Card, CopyButton, QrButton } from './bits.tsx'
import { TypedConfirm } from './typed-confirm.tsx'

type TlsInfo = Result<'tls.info'>
type Certificate = NonNullable<TlsInfo['leaf']>

const modeWords = {
  own: 'box.tls.mode.own',
  files: 'box.tls.mode.files',
  acme: 'box.tls.mode.acme',
} as const
const cureWords = {
  own: 'box.tls.cure.own',
  files: 'box.tls.cure.files',
  acme: 'box.tls.cure.acme',
} as const
/** From here on the end is near enough to be said in another colour. */
const nearDays = 14
const dayMs = 86_400_000

interface CertificateCardProps {
  tls: TlsInfo
  asked: Asked<TlsInfo>
  network: Result<'network.info'> | undefined
}

export function CertificateCard({ tls, asked, network }: CertificateCardProps): JSX.Element {
  const { session } = useConsole()
  const { call } = useActions()
  const renew = async () => {
    const next = await call('tls.renew', {}, say('box.tls.renewed'))
    if (next === undefined) await asked.ask()
    else asked.answer.value = next
  }
  return (
    <Card title={say('box.tls.title')} name="certificate">
      <p class="box-state">
        <TlsBadge tls={tls} />
      </p>
      {tls.problem !== null && (
        <div class="box-note bad" role="alert">
          <p>
            <strong>{tls.problem}</strong>
          </p>
          <p>{say(cureWords[tls.mode])}</p>
        </div>
      )}
      {tls.uncovered.length > 0 && (
        <div class="box-note wait">
          <p>
            <strong>{say('box.tls.uncovered')}</strong> {tls.uncovered.join(', ')}
          </p>
          <p>{say('box.tls.uncoveredHint')}</p>
        </div>
      )}
      <p>{say(modeWords[tls.mode])}</p>
      {tls.leaf === null ? (
        <p class="hint">{say('box.tls.none')}</p>
      ) : (
        <CertificateFacts certificate={tls.leaf} renewsAt={tls.renewsAt} />
      )}
      <div class="actions">
        <Button icon="connecting" onPress={renew}>
          {say('box.tls.renew')}
        </Button>
      </div>
      {tls.root !== null && <RootPart tls={tls} asked={asked} root={tls.root} network={network} />}
      {session.role.value !== 'owner' && tls.root !== null && <p class="hint">{say('box.tls.ownerOnly')}</p>}
    </Card>
  )
}

function TlsBadge({ tls }: { tls: TlsInfo }): JSX.Element {
  const { clock } = useConsole()
  if (tls.leaf === null)
    return (
      <Badge tone="bad" icon="faulty">
        {say('box.tls.off')}
      </Badge>
    )
  const days = Math.floor((Date.parse(tls.leaf.notAfter) - clock.now.value) / dayMs)
  if (days < 0)
    return (
      <Badge tone="bad" icon="faulty">
        {say('box.tls.over')}
      </Badge>
    )
  return (
    <Badge tone={days < nearDays ? 'wait' : 'good'} icon={days < nearDays ? 'waiting' : 'ready'}>
      {sayCount('box.tls.days', days)}
    </Badge>
  )
}

function CertificateFacts(props: { certificate: Certificate; renewsAt: string | null }): JSX.Element {
  const { certificate, renewsAt } = props
  return (
    <dl class="facts">
      <dt>{say('box.tls.names')}</dt>
      <dd>
        <ul class="box-chips">
          {certificate.names.map((name) => (
            <li key={name}>
              <code>{name}</code>
            </li>
          ))}
        </ul>
      </dd>
      <dt>{say('box.tls.until')}</dt>
      <dd>{dateText(certificate.notAfter)}</dd>
      <dt>{say('box.tls.renews')}</dt>
      <dd>{renewsAt === null ? say('box.tls.renewsElse') : dateText(renewsAt)}</dd>
      <dt>{say('box.tls.issuer')}</dt>
      <dd>{certificate.issuer}</dd>
      <dt>{say('box.tls.fingerprint')}</dt>
      <dd>
        <code class="box-print">{certificate.fingerprint}</code>
      </dd>
    </dl>
  )
}

/** Where browsers get the root: over http, since https is not trusted before it is there. */
function trustUrl(hub: URL, network: Result<'network.info'> | undefined): string {
  const port = network?.httpPort
  if (port === undefined || hub.protocol === 'http:') return new URL('trust/', hub).href
  return `http://${hub.hostname}${port === 80 ? '' : `:${port}`}/trust/`
}

interface RootPartProps extends CertificateCardProps {
  root: NonNullable<TlsInfo['root']>
}

function RootPart({ root, asked, network }: RootPartProps): JSX.Element {
  const { session, state } = useConsole()
  const { call } = useActions()
  const asking = useSignal(false)
  const url = trustUrl(session.hub, network)
  const renewRoot = async () => {
    const next = await call('tls.root.renew', {}, say('box.tls.rootRenewed'))
    if (next !== undefined) asked.answer.value = next
  }
  return (
    <div class="box-part">
      <h3>{say('box.tls.root')}</h3>
      <p class="hint">{say('box.tls.rootHint')}</p>
      <ul class="box-urls">
        <li>
          <a href={url}>
            <code>{url}</code>
          </a>
          <span class="actions">
            <CopyButton text={url} what={url} />
            <QrButton url={url} what={say('box.tls.trustQr')} />
          </span>
        </li>
      </ul>
      <dl class="facts">
        <dt>{say('box.tls.subject')}</dt>
        <dd>{root.subject}</dd>
        <dt>{say('box.tls.until')}</dt>
        <dd>{dateText(root.notAfter)}</dd>
        <dt>{say('box.tls.permitted')}</dt>
        <dd>{root.permitted.join(', ')}</dd>
        <dt>{say('box.tls.fingerprint')}</dt>
        <dd>
          <code class="box-print">{root.fingerprint}</code>
        </dd>
      </dl>
      {session.role.value === 'owner' && (
        <div class="actions">
          <Button
            onPress={() => {
              asking.value = true
            }}
          >
            {say('box.tls.newRoot')}
          </Button>
        </div>
      )}
      {asking.value && (
        <TypedConfirm
          title={say('box.tls.newRootTitle')}
          word={state.hub.value?.name ?? 'Tillbridge'}
          doIt={say('box.tls.newRoot')}
          onConfirm={renewRoot}
          onClose={() => {
            asking.value = false
          }}
        >
          <p>{say('box.tls.newRootText')}</p>
        </TypedConfirm>
      )}
    </div>
  )
}
