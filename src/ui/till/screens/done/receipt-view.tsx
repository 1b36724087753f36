/** The receipt on the screen: for a customer who wants no paper, and for a till whose printer cannot be reached. */
import type { JSX } from 'preact'
import { Qr } from '../../../parts/qr-code.tsx'
import { dateTimeText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import type { Paid } from '../../contract.ts'
import { amountText, decimalText, moneyText } from '../../parts/money.ts'

export function ReceiptView({ paid }: { paid: Paid }): JSX.Element {
  const { shelf } = useTill()
  const shop = shelf.shop.value
  const sale = paid.kind === 'filed' ? paid.sold : paid.sale
  const digits = sale.rules.currencyDigits
  const { lines, payments, reference, totals } = sale
  const method = (id: string) => shelf.get('paymentMethod', id)?.name ?? id
  return (
    <section class="receipt" aria-label={say('done.receipt')}>
      {paid.kind === 'training' && <p class="receipt-training">{say('till.training')}</p>}
      <header>
        <strong>{shop.name}</strong>
        {shop.address.map((line) => (
          <span key={line}>{line}</span>
        ))}
        {shop.vat !== undefined && <span>{shop.vat}</span>}
      </header>
      <ul class="receipt-lines">
        {lines.map(({ discount, gross, id, kind, name, price, quantity }) => (
          <li key={id}>
            <span>{name}</span>
            <b class="amount">{amountText(gross, digits)}</b>
            {kind === 'item' && (
              <small>
                {decimalText(quantity)} × {decimalText(price, digits)}
                {Number(discount) !== 0 && ` −${decimalText(discount)} %`}
              </small>
            )}
          </li>
        ))}
      </ul>
      <dl class="receipt-sums">
        <dt>
          <strong>{say('done.total')}</strong>
        </dt>
        <dd class="amount">
          <strong>{moneyText(totals.total, shop)}</strong>
        </dd>
        {totals.rounding !== 0 && (
          <>
            <dt>{say('done.rounding')}</dt>
            <dd class="amount">{amountText(totals.rounding, digits)}</dd>
          </>
        )}
        {payments.map(({ amount, change, id, method: by }) => (
          <>
            <dt key={`${id}t`}>{change ? say('pay.change') : method(by)}</dt>
            <dd key={id} class="amount">
              {amountText(change ? -amount : amount, digits)}
            </dd>
          </>
        ))}
      </dl>
      <table class="receipt-taxes">
        <thead>
          <tr>
            <th scope="col">{say('done.tax')}</th>
            <th scope="col">{say('done.net')}</th>
            <th scope="col">{say('done.tax.amount')}</th>
          </tr>
        </thead>
        <tbody>
          {totals.taxes.map(({ amount, base, name, tax }) => (
            <tr key={tax}>
              <td>{name}</td>
              <td class="amount">{amountText(base, digits)}</td>
              <td class="amount">{amountText(amount, digits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <span>{reference ?? say('done.number.later')}</span>
        <span>{dateTimeText(sale.paidAt)}</span>
        {reference !== null && <Qr data={reference} caption={undefined} />}
      </footer>
    </section>
  )
}
