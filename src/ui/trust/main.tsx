/** Starts the trust page: no log-in, over plain http too, since it stands before everything else. */
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './trust.css'
import { TrustApp } from './app.tsx'
import { speakTrust, trustLanguages, wishedLanguage } from './trust-words.ts'

/** The choice on the console holds here too. */
const languageKey = 'tillbridge.language'

async function start(): Promise<void> {
  const root = document.getElementById('app')
  if (root === null) return
  const kept = trustLanguages.find((language) => language === localStorage.getItem(languageKey))
  await speakTrust(kept ?? wishedLanguage(navigator.languages))
  render(
    <TrustApp
      onLanguage={(language) => {
        localStorage.setItem(languageKey, language)
        void speakTrust(language)
      }}
    />,
    root,
  )
}

void start()
