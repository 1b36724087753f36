/** The choice of a language, remembered in this browser. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { languageNames, offeredBy } from '../words/languages.ts'
import { chooseLanguage, language, say, type Tongues } from '../words/say.ts'
import { Icon } from './icon.tsx'

export function LanguageMenu({ tongues }: { tongues: Tongues }): JSX.Element {
  const id = useId()
  const languages = offeredBy(tongues)
  return (
    <div class="language">
      <Icon name="language" />
      <label class="hidden-text" for={id}>
        {say('common.language')}
      </label>
      <select
        id={id}
        value={language.value}
        onChange={(event) => {
          const chosen = languages.find((candidate) => candidate === event.currentTarget.value)
          if (chosen !== undefined) void chooseLanguage(localStorage, chosen, navigator.languages, tongues)
        }}
      >
        {languages.map((candidate) => (
          <option key={candidate} value={candidate} lang={candidate}>
            {languageNames[candidate]}
          </option>
        ))}
      </select>
    </div>
  )
}
