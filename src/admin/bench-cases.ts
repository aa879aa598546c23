import { type ApiFormat, apiFormats, isApiFormat } from '../order/order.ts'

/** Orders that go wrong in the ways in which orders do, to try the settings with. */
export const benchCases = [
  'clean',
  'gap',
  'unknown_product',
  'two_contacts',
  'duplicate',
  'huge_comment',
  'wrong_phone',
  ...apiFormats,
] as const
type BenchCase = (typeof benchCases)[number]

const product = {
  product_id: '194',
  name: 'Автоклав - Бак с переливом',
  model: 'P-194',
  quantity: '1',
  price: '12500.0000',
  total: '12500.0000',
}

const clean = {
  order_id: '100501',
  customer_id: '1',
  firstname: 'Анна',
  lastname: 'Иванова',
  telephone: '+7 912 345-67-89',
  email: 'ivanova@shop.example',
  payment_city: 'Казань',
  payment_address_1: 'ул. Мира, 5',
  payment_method: 'Наличные',
  shipping_method: 'Курьер',
  comment: 'Позвоните за час до доставки',
  total: '12500.0000',
  products: [product],
}

const apiItem = {
  productId: 194,
  itemId: 1,
  name: product.name,
  price: 12500,
  quantity: 1,
  deliveryPrice: 300,
  status: 3,
}
const caller = { name: 'Иванова Анна', phone: '+7 912 345-67-89', comment: clean.comment }
const goods = { email: clean.email, totalWeight: 12.5, totalVolume: 0.3, items: [apiItem] }

/** As shops of the order API send them. */
const apiOrders: Record<ApiFormat, object> = {
  'create-order': {
    ...caller,
    ...goods,
    deliveryType: 'external',
    deliveryCompany: 'СДЭК',
    lgsTerminalCode: 'KZN12',
    lgsCompanyId: 304,
    lgsTariffId: 1502,
    address: { city: 'Казань', street: 'ул. Мира', house: '5', flat: '12' },
    paymentOption: 1,
    desiredDeliveryDate: 1_800_000_000,
    desiredDeliveryInterval: 'с 12 до 18',
    totalDeliveryPrice: 490,
  },
  'buy-click': { ...caller, ...goods },
  callback: caller,
}

const changes: Record<Exclude<BenchCase, 'duplicate' | ApiFormat>, object> = {
  clean: {},
  gap: { telephone: '', payment_city: undefined, comment: undefined },
  unknown_product: { products: [product, { ...product, product_id: '9', name: 'Товар, которого нет', model: 'X-0' }] },
  two_contacts: {},
  huge_comment: { comment: 'Доставьте, пожалуйста, к заднему входу и позвоните заранее.\n'.repeat(500) },
  wrong_phone: { telephone: 'после шести, спросить Анну' },
}

/**
 * The text of a case as a shop would send it.
 * @param partnerOfTwo a partner whom several contacts have, if the account has such a one
 */
export function textOfCase(name: Exclude<BenchCase, 'duplicate'>, partnerOfTwo: string | null) {
  if (isApiFormat(name)) return JSON.stringify(apiOrders[name], null, 2)
  const partner = name === 'two_contacts' && partnerOfTwo !== null ? { customer_id: partnerOfTwo } : {}
  return JSON.stringify({ ...clean, ...changes[name], ...partner }, null, 2)
}
