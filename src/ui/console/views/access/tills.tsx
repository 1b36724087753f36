/** Who is paired with the hub: tills, displays, programs. Adding one, holding it to devices, taking its pairing back. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon, type IconName } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { ageText, dateTimeText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { roleWord } from '../../../words/things.ts'
import { accessChanged, useActions, useAsked, useConsole } from '../../context.ts'
import { AddTillDialog } from './add-till.tsx'
import { ChangeTillDialog } from './change-till.tsx'
import { RowKeys } from './row-keys.tsx'
import { AskFailed, Waiting } from './waiting.tsx'

export type Till = Result<'token.list'>['tokens'][number]

/** Rows drawn at once; the rest comes by asking for it. */
const pageRows = 100
/** From here on a list has a filter. */
const filterFrom = 8
const icons: Readonly<Record<Till['role'], IconName>> = {
  cashier: 'tills',
  technician: 'config',
  monitor: 'eye',
  owner: 'person',
}

export function TillsView(): JSX.Element {
  const { answer, error, ask } = useAsked('token.list', {}, accessChanged('tokens'))
  const adding = useSignal(false)
  const filter = useSignal('')
  const rowsMax = useSignal(pageRows)
  const tills = answer.value?.tokens
  const wanted = filter.value.trim().toLowerCase()
  const found = tills?.filter((till) => textOf(till).includes(wanted)) ?? []
  const add = (
    <Button
      size="big"
      look="main"
      icon="add"
      onPress={() => {
        adding.value = true
      }}
    >
      {say('access.till.add')}
    </Button>
  )
  return (
    <>
      {tills !== undefined && tills.length > 0 && (
        <div class="toolbar">
          {tills.length >= filterFrom ? (
            <SearchField
              label={say('access.till.filter')}
              placeholder={say('access.till.filter')}
              value={filter.value}
              onInput={(value) => {
                filter.value = value
                rowsMax.value = pageRows
              }}
            />
          ) : (
            <p class="summary">{say('access.till.each')}</p>
          )}
          {add}
        </div>
      )}
      {tills === undefined ? (
        <Waiting error={error.value} onAgain={ask} />
      ) : tills.length === 0 ? (
        <div class="empty">
          <Icon name="tills" size={48} />
          <h2>{say('access.till.none')}</h2>
          <p>{say('access.till.none.todo')}</p>
          {add}
        </div>
      ) : found.length === 0 ? (
        <p class="empty">{say('access.no_match')}</p>
      ) : (
        <>
          <AskFailed error={error.value} />
          {tills.length >= filterFrom && (
            <p class="hint" role="status">
              {sayCount('access.till.count', found.length)}
            </p>
          )}
          <ul class="rows">
            {found.slice(0, rowsMax.value).map((till) => (
              <TillRow key={till.id} till={till} onChanged={ask} />
            ))}
          </ul>
          {found.length > rowsMax.value && (
            <div class="more">
              <Button
                size="big"
                onPress={() => {
                  rowsMax.value += pageRows
                }}
              >
                {say('common.show_more')}
              </Button>
            </div>
          )}
        </>
      )}
      {adding.value && (
        <AddTillDialog
          onClose={() => {
            adding.value = false
          }}
        />
      )}
    </>
  )
}

function textOf(till: Till): string {
  return `${till.name} ${roleWord(till.role)} ${till.lastUsedFrom ?? ''}`.toLowerCase()
}

function TillRow({ till, onChanged }: { till: Till; onChanged: () => Promise<void> }): JSX.Element {
  const { clock, state } = useConsole()
  const { call } = useActions()
  const age = (iso: string) => ageText(clock.now.value - Date.parse(iso))
  const revoke = async () => {
    await call('token.revoke', { id: till.id }, say('access.till.revoked', { name: till.name }))
    await onChanged()
  }
  const used =
    till.lastUsedAt === null
      ? say('access.till.unused', { age: age(till.createdAt) })
      : till.lastUsedFrom === null
        ? say('access.till.used', { age: age(till.lastUsedAt) })
        : say('access.till.used_from', { age: age(till.lastUsedAt), address: till.lastUsedFrom })
  return (
    <li class="row" data-till={till.id}>
      <Icon name={icons[till.role]} size={26} />
      <div class="row-text">
        <p class="row-title">
          <strong>{till.name}</strong>
          {till.connections > 0 && (
            <Badge tone="good" icon="ready">
              {say('access.till.connected')}
            </Badge>
          )}
        </p>
        <p class="row-sub">
          {roleWord(till.role)}
          {till.devices !== null && (
            <>
              , {say('access.till.only', { devices: till.devices.map((id) => state.nameOf(id)).join(', ') })}
            </>
          )}
        </p>
        <p class="row-sub" title={till.lastUsedAt === null ? undefined : dateTimeText(till.lastUsedAt)}>
          {used}
        </p>
      </div>
      <RowKeys
        name={till.name}
        remove={{
          word: say('access.till.revoke'),
          label: say('access.till.revoke_of', { name: till.name }),
          ask: say('access.till.revoke_ask', { name: till.name }),
          text: say('access.till.revoke_text'),
        }}
        onRemove={revoke}
      >
        {(close) => <ChangeTillDialog till={till} onDone={onChanged} onClose={close} />}
      </RowKeys>
    </li>
  )
}
