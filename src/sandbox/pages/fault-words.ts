interface FaultWords {
  title: string
  hint: string
  /** Percent of requests, to begin with. */
  usual: number
}

/** Each preset in plain words; the order is that of the page. */
export const faultWords: Record<string, FaultWords> = {
  'bad day': {
    title: 'Плохой день',
    hint: 'Всего понемногу: обрывы, ошибки шлюза, задержки, обрезанные ответы.',
    usual: 20,
  },
  'lost answers': {
    title: 'Потерянные ответы',
    hint: 'Работа сделана, но ответ не дошёл: соединение закрыто.',
    usual: 20,
  },
  'lost requests': { title: 'Потерянные запросы', hint: 'Соединение закрыто раньше, чем что-либо сделано.', usual: 20 },
  'gateway errors': {
    title: 'Ошибки шлюза',
    hint: '502, 503, 504 страницей HTML; иногда работа всё же сделана.',
    usual: 20,
  },
  'server errors': { title: 'Ошибки сервера', hint: '500 и 503 в JSON; иногда работа всё же сделана.', usual: 20 },
  'big batches time out': {
    title: 'Большие пачки не проходят',
    hint: '504 на запись больше чем из 10 объектов.',
    usual: 100,
  },
  'too many requests': { title: 'Слишком часто', hint: '429 в JSON и HTML, с Retry-After и без него.', usual: 20 },
  'cut answers': { title: 'Обрезанные ответы', hint: 'Код 200, но JSON обрывается на середине.', usual: 20 },
  'slow answers': { title: 'Медленные ответы', hint: 'Ответ приходит через 5 секунд.', usual: 50 },
  'slow bodies': { title: 'Ответ по капле', hint: 'Заголовки сразу, тело — за 5 секунд.', usual: 50 },
  'lost links': {
    title: 'Потерянные связи',
    hint: 'Массовая привязка отвечает успехом, но сохранена лишь часть.',
    usual: 100,
  },
  'signed out': { title: 'Доступ отозван', hint: '401 на всё: токен будто бы недействителен.', usual: 100 },
  unpaid: { title: 'Аккаунт не оплачен', hint: '402 на всё.', usual: 100 },
  blocked: { title: 'Заблокирован', hint: '403 страницей HTML, как после превышения лимитов.', usual: 100 },
}
