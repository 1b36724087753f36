/** The trust page: why, the fingerprint, the steps for this system first, the check, and on to the hub. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Badge, type Tone } from '../parts/badge.tsx'
import { Button } from '../parts/button.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { languageNames, languages } from '../words/languages.ts'
import { type CheckAnswer, check, type Verdict } from './check.ts'
import { type System, systemOf, systems } from './systems.ts'
import { type TrustKey, type TrustLanguage, tell, trustLanguage } from './trust-words.ts'

/** `/trust/info.json`. */
interface TrustInfo {
  mode: string
  /** Of the root, as systems list it; null with its fingerprint (SHA-256) when there is none to install. */
  name: string | null
  fingerprint: string | null
  /** The console over https, at the same host; null when https is not served. */
  https: string | null
}

interface TrustAppProps {
  onLanguage: (language: TrustLanguage) => void
}

export function TrustApp({ onLanguage }: TrustAppProps): JSX.Element {
  const info = useSignal<TrustInfo | 'lost' | undefined>(undefined)
  useEffect(() => {
    fetch(new URL('info.json', location.href), { cache: 'no-store' })
      .then((answer) => (answer.ok ? (answer.json() as Promise<TrustInfo>) : Promise.reject(answer)))
      .then(
        (found) => {
          info.value = found
        },
        () => {
          info.value = 'lost'
        },
      )
  }, [info])
  const found = info.value
  const title = tell('trust.title')
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <main class="trust">
      <header class="trust-top">
        <span class="mark">
          <Icon name="bridge" size={28} />
        </span>
        <h1>
          {title}
          {typeof found === 'object' && found.name !== null && <small>{found.name}</small>}
        </h1>
        <select
          aria-label={tell('trust.language')}
          value={trustLanguage()}
          onChange={(event) => {
            const chosen = languages.find((language) => language === event.currentTarget.value)
            if (chosen !== undefined) onLanguage(chosen)
          }}
        >
          {languages.map((language) => (
            <option key={language} value={language} lang={language}>
              {languageNames[language]}
            </option>
          ))}
        </select>
      </header>
      <p>{tell('trust.why')}</p>
      {found === undefined && <p role="status">{tell('trust.loading')}</p>}
      {found === 'lost' && (
        <p class="trust-note bad" role="alert">
          {tell('trust.lost')}
        </p>
      )}
      {typeof found === 'object' && <Steps info={found} />}
    </main>
  )
}

function Steps({ info }: { info: TrustInfo }): JSX.Element {
  const own = systemOf(navigator.userAgent, navigator.maxTouchPoints)
  const firefox = /Firefox\//.test(navigator.userAgent)
  if (info.fingerprint === null)
    return (
      <>
        <p class="trust-note">{tell('trust.noRoot', { mode: info.mode })}</p>
        <Check info={info} />
      </>
    )
  return (
    <>
      <section class="card">
        <h2>{tell('trust.step1')}</h2>
        <p>
          <code class="trust-print">{info.fingerprint}</code>
        </p>
        <p class="hint">{tell('trust.compare')}</p>
      </section>
      <section class="card">
        <h2>{tell('trust.step2')}</h2>
        <p class="hint">{tell('trust.forThis', { system: own.name })}</p>
        <SystemSteps system={own} first />
        {firefox && <FirefoxSteps />}
        <h3>{tell('trust.others')}</h3>
        {systems
          .filter((system) => system !== own)
          .map((system) => (
            <details key={system.id} class="trust-other" data-system={system.id}>
              <summary>{system.name}</summary>
              <SystemSteps system={system} />
            </details>
          ))}
        {!firefox && (
          <details class="trust-other" data-system="firefox">
            <summary>{tell('trust.firefox')}</summary>
            <FirefoxSteps />
          </details>
        )}
      </section>
      <Check info={info} />
    </>
  )
}

/** What the download is called there: the hub names the file after itself. */
const shownFile = 'tillbridge-*.pem'

function SystemSteps({ system, first = false }: { system: System; first?: boolean }): JSX.Element {
  const profile = system.file === 'root.mobileconfig'
  return (
    <div class="trust-system" data-own={first ? system.id : undefined}>
      <a
        class={`button ${first ? 'look-main size-big' : 'look-plain size-normal'}`}
        href={system.file}
        download
      >
        <span>{tell(profile ? 'trust.downloadProfile' : 'trust.download')}</span>
      </a>
      <ol>
        {system.steps.map((step, index) => (
          <li key={step}>
            {tell(step)}
            {index === 0 && system.command !== undefined && (
              <pre>
                <code>{system.command.replace('FILE', shownFile)}</code>
              </pre>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

function FirefoxSteps(): JSX.Element {
  return (
    <ul class="trust-firefox">
      <li>{tell('trust.firefox.1')}</li>
      <li>{tell('trust.firefox.2')}</li>
    </ul>
  )
}

const verdicts: Readonly<Record<Verdict, { tone: Tone; icon: IconName; text: TrustKey }>> = {
  trusted: { tone: 'good', icon: 'ready', text: 'trust.ok' },
  untrusted: { tone: 'bad', icon: 'faulty', text: 'trust.untrusted' },
  unreachable: { tone: 'bad', icon: 'absent', text: 'trust.unreachable' },
  off: { tone: 'bad', icon: 'faulty', text: 'trust.off' },
  unsure: { tone: 'wait', icon: 'unknown', text: 'trust.unsure' },
  secure: { tone: 'good', icon: 'ready', text: 'trust.secure' },
}

function Check({ info }: { info: TrustInfo }): JSX.Element {
  const answer = useSignal<CheckAnswer | undefined>(undefined)
  const checking = useSignal(false)
  const run = async () => {
    checking.value = true
    answer.value = undefined
    answer.value = await check(location)
    checking.value = false
  }
  const found = answer.value
  const look = found === undefined ? undefined : verdicts[found.verdict]
  const works = found?.verdict === 'trusted' || found?.verdict === 'secure'
  const url = info.https
  return (
    <section class="card" data-verdict={found?.verdict}>
      <h2>{tell('trust.step3')}</h2>
      <div class="actions">
        <Button size="big" look={works ? 'plain' : 'main'} icon="ready" onPress={run}>
          {tell('trust.check')}
        </Button>
        {url !== null && (
          <a class={`button size-big look-${works ? 'main' : 'plain'}`} href={url}>
            <span>{tell('trust.goOn')}</span>
          </a>
        )}
      </div>
      <div role="status">
        {checking.value && <p>{tell('trust.checking')}</p>}
        {look !== undefined && (
          <div class="trust-verdict">
            <Badge tone={look.tone} icon={look.icon}>
              {tell(look.text, { port: String(found?.port ?? '?') })}
            </Badge>
          </div>
        )}
      </div>
    </section>
  )
}
