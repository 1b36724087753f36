/** Starts the trust page: no log-in, over plain http too, since it stands before everything else. */
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './trust.css'
import { keepLanguage, languages, wishedLanguage } from '../words/languages.ts'
import { TrustApp } from './app.tsx'
import { speakTrust } from './trust-words.ts'

async function start(): Promise<void> {
  const root = document.getElementById('app')
  if (root === null) return
  // The choice on the console holds here too.
  await speakTrust(wishedLanguage(localStorage, navigator.languages, languages))
  render(
    <TrustApp
      onLanguage={(language) => {
        keepLanguage(localStorage, language)
        void speakTrust(language)
      }}
    />,
    root,
  )
}

void start()
