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
  redirect_uri: { group: access, title: 'Redirect URI интеграции' },
}
