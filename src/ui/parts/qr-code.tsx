/** A QR code with its quiet zone, black on white in every colour scheme: phones read nothing else well. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { say } from '../words/say.ts'
import { encodeQr, qrPath, quietModules } from './qr.ts'

interface QrProps {
  data: string
  caption: string | undefined
}

export function Qr({ data, caption }: QrProps): JSX.Element {
  const drawn = useMemo(() => {
    const code = encodeQr(data)
    return code === undefined ? undefined : { path: qrPath(code), size: code.size }
  }, [data])
  return (
    <figure class="qr">
      {drawn !== undefined && (
        <div class="qr-paper">
          <svg
            viewBox={`${-quietModules} ${-quietModules} ${drawn.size + 2 * quietModules} ${drawn.size + 2 * quietModules}`}
            aria-hidden="true"
            shape-rendering="crispEdges"
          >
            <path d={drawn.path} fill="#000000" />
          </svg>
        </div>
      )}
      <figcaption dir="auto">
        {drawn === undefined
          ? say('common.qr.long')
          : (caption ?? <span class="hidden-text">{say('common.qr.phone')}</span>)}
      </figcaption>
    </figure>
  )
}
