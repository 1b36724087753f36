/** QR codes of the console, which the hub draws: the code that does it would be a load for each browser. */
import type { JSX } from 'preact'
import { say } from '../words/say.ts'
import { useAsked } from './context.ts'

/** `text` tells those who cannot see it what it is a code of. */
export function QrPicture({ svg, text }: { svg: string; text: string }): JSX.Element {
  return (
    <img
      class="qr-picture"
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
      alt={say('common.qr.alt', { text })}
    />
  )
}

/** An address to be opened on a phone. */
export function AddressQr({ url, caption }: { url: string; caption: string }): JSX.Element {
  const { answer } = useAsked('network.qr', { url })
  return (
    <figure class="qr">
      {answer.value === undefined ? (
        <div class="qr-picture" />
      ) : (
        <QrPicture svg={answer.value.svg} text={url} />
      )}
      <figcaption dir="auto">{caption}</figcaption>
    </figure>
  )
}
