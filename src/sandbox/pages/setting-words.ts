import { crmSettingWords } from './crm-setting-words.ts'

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
const access = 'Доступ'
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
  user_agent_required: {
    group: limits,
    title: 'Без User-Agent не пускать',
    hint: 'Запрос без этого заголовка получает 403.',
  },
  url_max: { group: limits, title: 'Самый длинный адрес, знаков', hint: 'Длиннее — ответ 414.', empty: 'любой' },
  body_max: { group: limits, title: 'Самое большое тело запроса, байт', hint: 'Больше — ответ 413.', empty: 'любое' },
  paid_until: {
    group: limits,
    title: 'Аккаунт оплачен до',
    hint: 'После этого запись отвечает 402, а через 30 дней и чтение. Например, 2026-12-31T00:00:00Z.',
    empty: 'бессрочно',
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
  code_error_status: { group: access, title: 'Ответ на негодный код' },
  token_hints: {
    group: access,
    title: 'Причина отказа в hint',
    hint: 'В ответах о кодах и токенах; бывает, что её нет.',
  },
  token_claims: {
    group: access,
    title: 'Что записано в access-токене',
    options: { observed: 'всё, что в нём видели', promised: 'только обещанное в документации' },
  },
  token_server_time: { group: access, title: 'server_time в ответе с токенами', hint: 'Раньше его не было.' },
  redirect_uri: { group: access, title: 'Redirect URI интеграции' },
  legacy_api_key: {
    group: access,
    title: 'API-ключ пользователей',
    hint: 'Старый, для обмена на код через exchange_api_key.',
  },
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
  events_delay_ms: {
    group: webhooks,
    title: 'Задержка списка событий, мс',
    hint: 'Через сколько перемена видна в /events.',
  },
  events_of_api_writes: {
    group: webhooks,
    title: 'События о том, что сделано через API',
    hint: 'Если нет, в /events видны только дела людей.',
  },
  webhook_codes: {
    group: webhooks,
    title: 'На что можно подписаться',
    options: { known: 'на всё, о чём известно', documented: 'только на то, что в документации amoCRM' },
  },
  webhook_created_status: { group: webhooks, title: 'Ответ на подписку' },
  webhook_resubscribing_enables: { group: webhooks, title: 'Повторная подписка включает отключённый вебхук' },
  digital_pipeline_url: {
    group: webhooks,
    title: 'Хук цифровой воронки',
    hint: 'Узнаёт о каждой смене этапа. Один раз: повторов нет.',
    empty: 'нет',
  },
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
  ...crmSettingWords,
}
