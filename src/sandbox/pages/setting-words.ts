export interface SettingWords {
  group: string
  title: string
  hint?: string
  /** What an empty value means, where the setting may be empty. */
  empty?: string
  options?: Record<string, string>
}

export const otherGroup = 'Прочее'

const limits = 'Ограничения'
const search = 'Поиск и фильтры'
const access = 'Доступ'
const checks = 'Проверка данных'
const webhooks = 'События и вебхуки'

/** Each setting in plain words. One that is not here is shown by its bare name. */
export const settingWords: Record<string, SettingWords> = {
  rate_limit: {
    group: limits,
    title: 'Запросов в секунду',
    hint: 'Сверх этого — ответ 429. У amoCRM — 7.',
    empty: 'без ограничений',
  },
  rate_limit_scope: {
    group: limits,
    title: 'Чьи запросы считать вместе',
    options: { integration: 'одной интеграции (amoCRM)', ip: 'с одного IP-адреса (Kommo)' },
  },
  account_rate_limit: {
    group: limits,
    title: 'Запросов в секунду на весь аккаунт',
    hint: 'От всех интеграций вместе. У amoCRM — 50.',
    empty: 'без ограничений',
  },
  block_after: {
    group: limits,
    title: 'Блокировать после стольких ответов 429',
    hint: 'Если набралось за минуту, на всё отвечает 403, пока не разблокируют.',
    empty: 'никогда',
  },
  blocked: { group: limits, title: 'Аккаунт заблокирован', hint: 'На любой запрос к API — страница 403.' },
  '429_body': { group: limits, title: 'Тело ответа 429', options: { json: 'JSON', html: 'HTML-страница шлюза' } },
  '429_retry_after': {
    group: limits,
    title: 'Заголовок Retry-After, секунд',
    hint: 'amoCRM его не присылает.',
    empty: 'не присылать',
  },
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
  access_token_ttl_s: { group: access, title: 'Срок access-токена, секунд', hint: 'У amoCRM — сутки, 86400.' },
  refresh_grace: {
    group: access,
    title: 'Старый refresh-токен после обмена',
    options: { strict: 'сразу недействителен (amoCRM)', until_new_used: 'годен, пока не пущен в ход новый (Kommo)' },
  },
  refresh_error_status: {
    group: access,
    title: 'Ответ на негодный refresh-токен',
    hint: 'На деле видят 401, в документации 400.',
  },
  token_server_time: { group: access, title: 'server_time в ответе с токенами', hint: 'Раньше его не было.' },
  redirect_uri: { group: access, title: 'Redirect URI интеграции' },
  disconnect_url: {
    group: access,
    title: 'Адрес, который узнаёт об отключении',
    empty: 'не сообщать',
  },
  account_host: {
    group: access,
    title: 'Единственный адрес аккаунта',
    hint: 'Как после переименования: остальные адреса больше не отвечают.',
    empty: 'любой',
  },
  old_host_status: { group: access, title: 'Ответ по прежнему адресу' },
  api_domain: {
    group: access,
    title: 'api_domain в access-токене',
    empty: 'по адресу запроса',
  },
  filters_off: {
    group: search,
    title: 'Неоплаченный filter',
    options: { ignore_all: 'не действует весь', ignore_custom_fields: 'не действует по своим полям' },
  },
  text_filter: {
    group: search,
    title: 'Фильтр по тексту',
    options: { exact: 'сравнивает целиком', substring: 'ищет часть' },
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
  long_text_code: { group: checks, title: 'Код ошибки о длинном тексте' },
  multitext_without_enum: {
    group: checks,
    title: 'Телефон или почта без вида',
    options: { work: 'считаются рабочими', refuse: 'ошибка' },
  },
  note_text_max: { group: checks, title: 'Самый длинный текст примечания', empty: 'любой' },
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
  events_delay_ms: {
    group: webhooks,
    title: 'Задержка списка событий, мс',
    hint: 'Через сколько перемена видна в /events.',
  },
  webhook_created_status: { group: webhooks, title: 'Ответ на подписку' },
  webhook_resubscribing_enables: { group: webhooks, title: 'Повторная подписка включает отключённый вебхук' },
  webhook_answer_ms: { group: webhooks, title: 'Сколько ждать ответа, мс', hint: 'amoCRM ждёт 2 секунды.' },
  webhook_timeout_status: { group: webhooks, title: 'Чем считать молчание', hint: '499 повторяют чаще, чем 0.' },
  webhook_time_scale: {
    group: webhooks,
    title: 'Множитель пауз между попытками',
    hint: '1 — как у amoCRM, 0 — без пауз.',
  },
  webhook_items_per_request: { group: webhooks, title: 'Перемен в одном вебхуке, самое большее' },
  webhook_tags: { group: webhooks, title: 'Теги в вебхуках' },
  webhook_field_values: {
    group: webhooks,
    title: 'Значения полей в вебхуках',
    options: { by_type: 'по типу поля', bare: 'одной строкой' },
  },
  webhook_duplicate: { group: webhooks, title: 'Вероятность, что вебхук придёт дважды', hint: 'От 0 до 1.' },
  webhook_lost: { group: webhooks, title: 'Вероятность, что вебхук пропадёт', hint: 'От 0 до 1.' },
  webhook_late_ms: { group: webhooks, title: 'Опоздание вебхуков, мс' },
}
