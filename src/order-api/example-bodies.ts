/** What the examples send. */

const items = [
  {
    productId: 4417,
    itemId: 90812,
    name: 'Чайник «Ромашка», 1,7 л',
    price: 2490,
    quantity: 2,
    deliveryPrice: 150,
    status: 3,
  },
  {
    productId: 5120,
    itemId: 90813,
    parentId: 90812,
    name: 'Прихватка в подарок',
    price: 0,
    quantity: 1,
    deliveryPrice: 0,
    status: 1,
  },
]

export const exampleOrder = {
  name: 'Петрова Анна Сергеевна',
  email: 'anna@example.com',
  phone: '+7 912 345-67-89',
  deliveryType: 'address',
  address: { city: 'Казань', street: 'Баумана', house: '15', flat: '7', floor: '3', elevator: 1, intercom: '7К' },
  comment: 'Позвонить за час',
  paymentOption: 5,
  desiredDeliveryDate: 1798704000,
  desiredDeliveryInterval: 'с 10 до 14',
  deliveryIntervalCost: 0,
  totalDeliveryPrice: 300,
  summWithoutDelivery: 4980,
  totalWeight: 2.6,
  totalVolume: 0.012,
  items,
}

export const exampleBuyClick = {
  phone: '+7 912 345-67-89',
  name: 'Анна',
  totalWeight: 2.6,
  totalVolume: 0.012,
  items: items.slice(0, 1),
}

export const exampleCallback = { phone: '+7 912 345-67-89', name: 'Анна', comment: 'После 18:00' }

const password = 'синий-паром-в-тумане'

export const exampleUser = {
  name: 'Магазин «Ромашка»',
  email: 'shop@example.com',
  password,
  password_confirmation: password,
}

const newPassword = 'рыжий-буксир-на-рассвете'

export const examplePassword = {
  email: exampleUser.email,
  old_password: password,
  password: newPassword,
  password_confirmation: newPassword,
}
