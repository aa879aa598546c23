import type { SettingWords } from './setting-words.ts'

const search = 'Поиск и фильтры'
const checks = 'Проверка данных'

/** The settings of searching and of checking what is sent, in plain words. */
export const crmSettingWords: Record<string, SettingWords> = {
  query_index_delay_ms: {
    group: search,
    title: 'Задержка поиска, мс',
    hint: 'Через сколько новая запись находится по query.',
  },
  query_index_stuck: {
    group: search,
    title: 'Поиск застрял',
    hint: 'query не находит ничего, что появилось после включения.',
  },
  is_api_filter_enabled: {
    group: search,
    title: 'Фильтрация через API оплачена',
    hint: 'Если нет, filter молча не действует и приходит всё подряд.',
  },
  filters_off: {
    group: search,
    title: 'Неоплаченный filter',
    options: { ignore_all: 'не действует весь', ignore_custom_fields: 'не действует по своим полям' },
  },
  text_filter: {
    group: search,
    title: 'Фильтр по тексту',
    options: {
      exact: 'сравнивает целиком',
      exact_any_case: 'целиком, без разницы в регистре',
      substring: 'ищет часть',
    },
  },
  checkbox_filter: {
    group: search,
    title: 'Фильтр по флажку',
    hint: 'В какой записи он действует.',
    options: { either: 'в любой', list: 'только [id][]=1', scalar: 'только [id]=1' },
  },
  next_link_when_empty: {
    group: search,
    title: 'Ссылка next на пустую страницу',
    hint: 'Полная последняя страница обещает следующую, а там 204.',
  },
  limit_above_250: { group: search, title: 'Во что превращается limit больше 250' },
  unsorted_leads_listed: { group: search, title: 'Неразобранное видно в списке сделок' },
  batch_failure: {
    group: checks,
    title: 'Пачка с ошибкой в одном объекте',
    options: {
      atomic: 'не делается ничего',
      partial_200: 'остальное делается, ответ 200',
      partial_400: 'остальное делается, ответ 400',
    },
  },
  batch_limit_status: { group: checks, title: 'Ответ на пачку больше 250' },
  complex_limit_status: { group: checks, title: 'Ответ на leads/complex больше 50' },
  long_text: {
    group: checks,
    title: 'Текст длиннее 256 знаков',
    options: { refuse: 'ошибка', cut: 'обрезается' },
  },
  long_text_unit: {
    group: checks,
    title: 'Чем измеряются эти 256',
    options: { characters: 'знаками', bytes: 'байтами' },
  },
  textarea_max: { group: checks, title: 'Самая длинная текстовая область, знаков', empty: 'любая' },
  number_as_text: {
    group: checks,
    title: 'Число вместо текста',
    hint: 'Когда в текстовое поле пишут 5, а не "5".',
    options: { refuse: 'ошибка', accept: 'принимается' },
  },
  error_codes: {
    group: checks,
    title: 'Другие коды ошибок',
    hint: 'JSON: чем заменить наши коды, например {"TooLong":"InvalidLength"}. Настоящие известны не все.',
  },
  note_entity_code: { group: checks, title: 'Код ошибки о примечании к тому, чего нет' },
  multitext_without_enum: {
    group: checks,
    title: 'Телефон или почта без вида',
    options: { work: 'считаются рабочими', refuse: 'ошибка' },
  },
  multitext_patch: {
    group: checks,
    title: 'Телефоны и почта при изменении',
    options: { replace: 'заменяют прежние', append: 'добавляются к прежним' },
  },
  required_statuses: {
    group: checks,
    title: 'Поля, обязательные на этапе',
    options: { ignored: 'для API не обязательны', enforced: 'обязательны и для API' },
  },
  unnamed_lead: { group: checks, title: 'Название сделки без названия', hint: 'Вместо {id} — её номер.' },
  price_with_minor_units: {
    group: checks,
    title: 'Бюджет с копейками',
    hint: 'Как в новых аккаунтах: дробный бюджет приходит в price_with_minor_units.',
  },
  note_text_max: { group: checks, title: 'Самый длинный текст примечания', empty: 'любой' },
  links_per_request: {
    group: checks,
    title: 'Связей в одном запросе, самое большее',
    empty: 'как всего остального, 250',
  },
  link_again: {
    group: checks,
    title: 'Товар, привязанный снова',
    options: { replace: 'меняет количество', sum: 'прибавляет количество' },
  },
  links_set_price: {
    group: checks,
    title: 'Товары меняют бюджет сделки',
    hint: 'Сумма привязанных товаров становится бюджетом.',
  },
  unsorted_again: {
    group: checks,
    title: 'Неразобранное, присланное снова',
    options: { refuse: 'ошибка', accept: 'принимается' },
  },
  super_fields: {
    group: checks,
    title: 'Суперполя оплачены',
    hint: 'Поля типов monetary и chained_list.',
  },
  duplicate_control: {
    group: checks,
    title: 'Контроль дублей',
    hint: 'JSON: правила leads/complex по номерам воронок.',
  },
  duplicate_control_long_lived: { group: checks, title: 'Контроль дублей и с долгосрочным токеном' },
}
