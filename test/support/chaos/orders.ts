import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import amoFields from '../../../config/local/amo-fields.mapper.ts'
import requestMapper from '../../../config/local/request.mapper.ts'
import { anOrder, asForm } from '../orders.ts'

/** An order, and what the CRM has to show of it in the end. */
export interface ChaosOrder {
  /** Stands in the lead's field and in the note, and in no other order. */
  comment: string
  form: string
  /** Id of the partner's contact; null where the CRM knows no such partner. */
  partnerContact: number | null
  /** Phone of a buyer who gets a card of his own. */
  buyerPhone: string | null
  /** Quantity by the id of the catalog's element. */
  products: Map<number, number>
}

export interface OrdersOptions {
  count: number
  seed: number
  /** Whether some orders make a card of their buyer, as `configWithBuyers` says. */
  withBuyers: boolean
  /** Whether every twentieth has so many products that its links take a request of their own. */
  withLarge?: boolean
  /** What the CRM sells. */
  elements: { id: number; name: string }[]
}

const products = 4521
const knownPartners = new Map([
  ['1', 7143599],
  ['2', 7143601],
  ['42', 7143603],
  ['10', 7143605],
])
const unknownPartner = '90210'

/** Orders of a sandbox's default account, no two of them alike; the same ones for the same seed. */
export function chaosOrders({ count, seed, withBuyers, withLarge = true, elements }: OrdersOptions): ChaosOrder[] {
  const random = randomFrom(seed)
  const upTo = (most: number) => 1 + Math.floor(random() * most)
  const partners = [...knownPartners.keys(), unknownPartner]
  return Array.from({ length: count }, (_, index) => {
    const partner = partners[Math.floor(random() * partners.length)] ?? unknownPartner
    const ordered = shuffled(elements, random).slice(0, withLarge && index % 20 === 7 ? 62 : upTo(4))
    const lines = ordered.map(({ id, name }) => ({
      product_id: String(id),
      name,
      quantity: upTo(9),
      price: '100.0000',
    }))
    const comment = `Хаос ${seed}, заказ №${String(index + 1).padStart(5, '0')}`
    const buyer = withBuyers ? buyerOf(index) : null
    const buyerPhone = buyer === null ? null : `+7 950 ${String(1_000_000 + buyer)}`
    const fields = buyerPhone ? { form_id: 'buyer', lastname: `Покупатель ${buyer}`, telephone: buyerPhone } : {}
    return {
      comment,
      form: asForm(anOrder({ order_id: `${index + 1}`, customer_id: partner, comment, products: lines, ...fields })),
      partnerContact: knownPartners.get(partner) ?? null,
      buyerPhone,
      products: new Map(lines.map(({ product_id, quantity }) => [Number(product_id), quantity])),
    }
  })
}

/** Four orders of ten have one; every third buyer orders twice, one order right after the other. */
function buyerOf(index: number) {
  const place = index % 10
  return place < 4 ? index - place + Math.ceil(place / 2) : null
}

/** The elements that the sandbox's own account sells. */
export function sold(elements: { id: number; name: string; catalog_id: number }[]) {
  return elements.filter(({ catalog_id }) => catalog_id === products)
}

/** The sample configuration with one more form, which makes a card of the buyer; in a folder that `remove` deletes. */
export function configWithBuyers() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
  cpSync(join(import.meta.dirname, '../../../config'), folder, { recursive: true })
  const { default: usual } = requestMapper.forms
  const buyer = {
    ...usual,
    entities_create: ['lead', 'contact'],
    mapping: { ...usual.mapping, lastname: { mapped_id: 'contact_name' }, telephone: { mapped_id: 'buyer.phone' } },
  }
  const write = (name: string, content: object) =>
    writeFileSync(join(folder, 'local', `${name}.ts`), `export default ${JSON.stringify(content)}`)
  write('request.mapper', { forms: { ...requestMapper.forms, buyer } })
  write('amo-fields.mapper', { ...amoFields, 'buyer.phone': { code: 'CONTACTS.PHONE.MOB', entity: 'contacts' } })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Numbers from 0 to 1, the same ones for the same seed. */
export function randomFrom(seed: number) {
  let drawn = 0
  return () => createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32BE() / 2 ** 32
}

function shuffled<Item>(items: Item[], random: () => number) {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
