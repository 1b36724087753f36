/** Whatever is asked in front of the selling screen. */
import type { JSX } from 'preact'
import type { Selling } from './asking.ts'
import { CameraDialog } from './camera-dialog.tsx'
import { CustomerDialog } from './customer-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { LineDialog } from './line-dialog.tsx'
import { LotsDialog } from './lots-dialog.tsx'
import { DiscountDialog, NoteDialog, OrderDialog, ParkDialog } from './order-dialogs.tsx'
import { PriceDialog, UnknownDialog, VariantDialog } from './product-dialogs.tsx'
import { WeighDialog } from './weigh-dialog.tsx'

export function Dialogs({ selling }: { selling: Selling }): JSX.Element | null {
  const asking = selling.asking.value
  if (asking === null) return null
  switch (asking.what) {
    case 'variant':
      return <VariantDialog selling={selling} products={asking.products} />
    case 'price':
      return <PriceDialog selling={selling} product={asking.product} more={asking.more} />
    case 'weight':
      return <WeighDialog selling={selling} product={asking.product} more={asking.more} />
    case 'lots':
      return <LotsDialog selling={selling} product={asking.product} more={asking.more} line={asking.line} />
    case 'line':
      return <LineDialog selling={selling} line={asking.line} />
    case 'customer':
      return <CustomerDialog selling={selling} />
    case 'order':
      return <OrderDialog selling={selling} />
    case 'discount':
      return <DiscountDialog selling={selling} />
    case 'note':
      return <NoteDialog selling={selling} />
    case 'park':
      return <ParkDialog selling={selling} />
    case 'unknown':
      return <UnknownDialog selling={selling} code={asking.code} />
    case 'camera':
      return <CameraDialog selling={selling} />
    case 'keys':
      return <KeysDialog selling={selling} />
  }
}
