/** The log page: the lines of the hub as they come, what of them is shown, and how much is written. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { Button } from '../../../parts/button.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import '../../styles/box.css'
import { saveAs, useCopy } from './bits.tsx'
import { LogFeed } from './log-feed.ts'
import { LogLevels } from './log-levels.tsx'
import { Block, type LogFilter, levels, passes, textOfLine } from './log-lines.tsx'

/** So near to the end, in px, counts as being there. */
const endPx = 24

export function LogView(): JSX.Element {
  const { session, clock } = useConsole()
  const feed = useMemo(() => new LogFeed(session, clock), [session, clock])
  const level = useSignal<LogFilter['level']>('trace')
  const device = useSignal('')
  const text = useSignal('')
  const changing = useSignal(false)
  const wanted = text.value.trim().toLowerCase()
  const filter: LogFilter = useMemo(
    () => ({ level: level.value, device: device.value, text: wanted }),
    [level.value, device.value, wanted],
  )
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [feed])
  return (
    <div class="log-page">
      <div class="log-bar">
        <SearchField
          label={say('box.log.search')}
          placeholder={say('box.log.search')}
          value={text.value}
          onInput={(value) => {
            text.value = value
          }}
        />
        <SelectField
          label={say('box.log.show')}
          value={level.value}
          choices={levels
            .filter((one) => one !== 'silent')
            .map((one) => ({ value: one, text: say('box.log.andAbove', { level: one }) }))}
          onChange={(value) => {
            level.value = levels.find((one) => one === value) ?? 'trace'
          }}
        />
        <DeviceChoice
          value={device.value}
          onChange={(value) => {
            device.value = value
          }}
        />
        <div class="actions">
          <Button
            icon="config"
            onPress={() => {
              changing.value = true
            }}
          >
            {say('box.log.howMuch')}
          </Button>
          <LogFile feed={feed} filter={filter} />
        </div>
      </div>
      <Lost feed={feed} />
      <Lines feed={feed} filter={filter} />
      {changing.value && (
        <LogLevels
          levels={feed.levels}
          onClose={() => {
            changing.value = false
          }}
        />
      )}
    </div>
  )
}

function DeviceChoice({
  value,
  onChange,
}: {
  value: string
  onChange: (value: string) => void
}): JSX.Element {
  const { state } = useConsole()
  return (
    <SelectField
      label={say('box.log.device')}
      value={value}
      choices={[
        { value: '', text: say('box.log.allDevices') },
        ...state.deviceList.value.map(({ id, name }) => ({ value: id, text: name })),
      ]}
      onChange={onChange}
    />
  )
}

/** Copies or saves what is shown, in the order of the page. */
function LogFile({ feed, filter }: { feed: LogFeed; filter: LogFilter }): JSX.Element {
  const { clock, state } = useConsole()
  const copy = useCopy()
  const lines = () =>
    feed.blocks
      .peek()
      .flatMap((block) => block.lines.filter((line) => passes(line, filter)))
      .map((line) => `${textOfLine(line)}\n`)
      .join('')
  return (
    <>
      <Button icon="copy" onPress={() => copy(lines())}>
        {say('common.copy')}
      </Button>
      <Button
        icon="log"
        onPress={() =>
          saveAs(
            clock,
            new Blob([lines()], { type: 'text/plain' }),
            `${state.hub.peek()?.hub ?? 'tillbridge'}.log`,
          )
        }
      >
        {say('box.log.download')}
      </Button>
    </>
  )
}

function Lost({ feed }: { feed: LogFeed }): JSX.Element {
  const lost = feed.lost.value
  const error = feed.error.value
  return (
    <div role="status">
      {lost > 0 && <p class="box-note wait">{sayCount('box.log.lost', lost)}</p>}
      {error !== undefined && <p class="box-note bad">{say('box.log.stopped')}</p>}
    </div>
  )
}

function Lines({ feed, filter }: { feed: LogFeed; filter: LogFilter }): JSX.Element {
  const place = useRef<HTMLElement>(null)
  const following = useSignal(true)
  const blocks = feed.blocks.value
  const anything = blocks.some(({ lines }) => lines.some((line) => passes(line, filter)))
  const toEnd = () => {
    following.value = true
    feed.hold(false)
    place.current?.scrollTo({ top: place.current.scrollHeight })
  }
  // The end is kept in sight only while nobody has gone back to read.
  useEffect(() => {
    if (following.value) place.current?.scrollTo({ top: place.current.scrollHeight })
  }, [blocks, filter])
  const lastTop = useRef(0)
  const look = (element: HTMLElement) => {
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < endPx
    const back = element.scrollTop < lastTop.current
    lastTop.current = element.scrollTop
    // Lines that turn out taller than was thought move the end away; only a person goes back.
    if (atEnd === following.value || (!atEnd && !back)) return
    following.value = atEnd
    feed.hold(!atEnd)
  }
  const waiting = feed.waiting.value
  return (
    <div class="log-frame">
      <section
        ref={place}
        class="log"
        aria-label={say('box.log.lines')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        data-following={following.value}
        onScroll={(event) => look(event.currentTarget)}
      >
        {blocks.map((block) => (
          <Block key={block.first} block={block} filter={filter} />
        ))}
        {!anything && (
          <div class="empty">
            <h2>{say(blocks.length === 0 ? 'box.log.none' : 'box.log.noneFits')}</h2>
            <p>{say(blocks.length === 0 ? 'box.log.noneHint' : 'box.log.noneFitsHint')}</p>
          </div>
        )}
      </section>
      {!following.value && (
        <div class="log-jump">
          <Button look="main" icon="play" onPress={toEnd}>
            {waiting === 0 ? say('box.log.newest') : sayCount('box.log.new', waiting)}
          </Button>
        </div>
      )}
    </div>
  )
}
