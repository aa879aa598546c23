import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { inWords } from '../../src/mapping/in-words.ts'
import { parseOrder } from '../../src/order/parse.ts'

const translate = createTranslate(ru, 'ru')

async function wordsOf(body: object, { timeZone = 'Europe/Moscow', t = translate } = {}) {
  const asSent = { contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) }
  return inWords(await parseOrder({ source: 'api-ro', ...asSent, format: 'create-order' }), { timeZone, translate: t })
}

describe('an order in words', () => {
  it.each([
    [{ paymentOption: 1 }, 'paymentText', 'Наличные'],
    [{ paymentOption: '2' }, 'paymentText', 'Пластиковая карта'],
    [{ paymentOption: 3 }, 'paymentText', 'Кредит'],
    [{ paymentOption: 4 }, 'paymentText', 'Рассрочка'],
    [{ paymentOption: 5 }, 'paymentText', 'Оплата онлайн'],
    [{ paymentOption: 39 }, 'paymentText', 'Безналичный расчёт'],
    [{ paymentOption: 43 }, 'paymentText', 'Подарочный сертификат'],
    [{ paymentOption: 6 }, 'paymentText', '6'],
    [{ deliveryType: 'pickpoint' }, 'deliveryTypeText', 'Постамат'],
    [{ deliveryType: 'голубь' }, 'deliveryTypeText', 'голубь'],
    [{ deliveryType: 'pickup', lgsTerminalId: 103 }, 'deliveryText', 'Самовывоз из пункта выдачи, ПВЗ 103'],
    [
      { deliveryType: 'external', deliveryCompany: 'dpd', lgsTerminalCode: 'M1', lgsCompanyId: 3, lgsTariffId: 4 },
      'deliveryText',
      'Доставка транспортной компанией, dpd, терминал M1, код ТК 3, тариф 4',
    ],
    [
      { desiredDeliveryDate: 1626695813, desiredDeliveryInterval: 'с 12 до 18' },
      'deliveryDateText',
      '19.07.2021, с 12 до 18',
    ],
    [{ desiredDeliveryDate: '1626695813000' }, 'deliveryDateText', '19.07.2021'],
    [{ desiredDeliveryDate: '2021-07-19' }, 'deliveryDateText', '19.07.2021'],
    [{ desiredDeliveryDate: 'завтра', desiredDeliveryInterval: 'утром' }, 'deliveryDateText', 'завтра, утром'],
    [{ desiredDeliveryInterval: 'утром' }, 'deliveryDateText', 'утром'],
    [
      { address: { city: 'Москва', street: 'Красная площадь', house: 3, corp: 1, build: 2, flat: 5 } },
      'addressText',
      'Москва, Красная площадь, д. 3, корп. 1, стр. 2, кв. 5',
    ],
    [
      { address: { porch: '1', floor: '3', intercom: '12К', metro: 'Тверская', elevator: 2 } },
      'addressText',
      'подъезд 1, этаж 3, домофон 12К, м. Тверская, лифт: грузовой',
    ],
    [{ address: { elevator: 0 } }, 'addressText', 'лифт: нет'],
    [{ address: { elevator: '1' } }, 'addressText', 'лифт: пассажирский'],
    [{ address: { elevator: 7 } }, 'addressText', 'лифт: 7'],
    [
      { address: { house: 'дом 3', metro: 'Маяковская', index: '101000' } },
      'addressText',
      'дом 3, м. Маяковская, index: 101000',
    ],
    [{ address: { house: '3', latitude: 55.76, longitude: 37.64, kladr: '77' } }, 'addressText', 'д. 3'],
    [{ address: 'Москва, Мира 5' }, 'addressText', 'Москва, Мира 5'],
    [{ paymentOption: 1, paymentText: 'как договоримся' }, 'paymentText', 'как договоримся'],
    [{ paymentOption: ' ', address: {}, desiredDeliveryDate: null }, 'paymentText', undefined],
  ])('%j: %s is %s', async (body, field, text) => {
    const { fields } = await wordsOf(body)
    expect(fields[field]).toBe(text)
    expect(fields).toMatchObject(JSON.parse(JSON.stringify(body).replace('" "', '""')))
  })

  it.each([
    ['Asia/Vladivostok', '20.07.2021'],
    ['Europe/Moscow', '19.07.2021'],
    ['America/New_York', '19.07.2021'],
  ])('names the day of the account in %s', async (timeZone, day) => {
    const evening = Date.UTC(2021, 6, 19, 20) / 1000
    expect((await wordsOf({ desiredDeliveryDate: evening }, { timeZone })).fields['deliveryDateText']).toBe(day)
  })

  it('says of each item whether it is there, and what its delivery costs', async () => {
    const items = [0, 1, 2, 3, 12554].map((status) => ({
      name: 'Бак',
      status,
      deliveryPrice: 1500,
      itemId: 7,
      цвет: 'синий',
    }))
    const { products } = await wordsOf({ items })
    const said = products.map(({ options }) =>
      options.map(({ name, value }) => `${name}: ${value.replace('\u00a0', ' ')}`),
    )
    expect(said.map(([status]) => status)).toEqual([
      'наличие: Нет в наличии',
      'наличие: Ограниченное количество',
      'наличие: На заказ',
      'наличие: В наличии',
      'наличие: 12554',
    ])
    expect(said[0]?.slice(1)).toEqual(['доставка: 1 500', 'позиция: 7', 'цвет: синий'])
  })

  it('speaks the language of the installation', async () => {
    const t = createTranslate(en, 'en')
    const { fields, totals } = await wordsOf({ paymentOption: 1, totalDeliveryPrice: 5, address: { flat: 5 } }, { t })
    expect([fields['paymentText'], fields['addressText'], totals[0]?.title]).toEqual(['Cash', 'flat 5', 'Delivery'])
  })

  it('leaves other orders as they are', async () => {
    const body = Buffer.from(JSON.stringify({ paymentOption: 1, address: { city: 'Москва' } }))
    const order = await parseOrder({ source: 'lk', contentType: 'application/json', body })
    expect(inWords(order, { timeZone: 'UTC', translate })).toBe(order)
  })
})
