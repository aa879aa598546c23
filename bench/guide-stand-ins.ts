/** What cannot be done in a folder on this machine, and what is done in its place. */
export interface StandIn {
  command: RegExp
  /** What is run instead; null for nothing. */
  instead: ((match: RegExpExecArray, read: (file: string) => string) => string) | null
  /** As the report says it. */
  says: string
}

const site = 'crm.example.ru'
const unit = '/etc/systemd/system/parom@.service'

export const standIns: StandIn[] = [
  {
    command: /^git clone \S+ (\S+)$/,
    instead: ([, folder]) => `git clone --quiet /srv/parom.git ${folder}`,
    says: '`git clone`: из копии этого репозитория, а не с сервера',
  },
  {
    command: /^systemctl restart mariadb$/,
    instead: () =>
      [
        'install -d -o mysql -g mysql /run/mysqld',
        '(setsid mariadbd --user=mysql >/var/log/mariadbd.log 2>&1 &)',
        "for i in $(seq 150); do mariadb -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.2; done",
        "mariadb -Ne 'SELECT VERSION(), @@innodb_buffer_pool_size'",
      ].join('\n'),
    says: '`systemctl restart mariadb`: `mariadbd`, запущенный скриптом',
  },
  {
    command: /^systemctl restart nginx$/,
    instead: () => 'if [ -s /run/nginx.pid ]; then nginx -s reload; else nginx; fi; sleep 1',
    says: '`systemctl restart nginx`: `nginx`, во второй раз `nginx -s reload`',
  },
  {
    command: /^systemctl (?:enable --now|restart) ((?:parom\S+ ?)+)$/,
    instead: ([, names = ''], read) =>
      [...names.matchAll(/parom@(\d+)/g)].map(([, number = '']) => startProcess(number, read(unit))).join('\n'),
    says: '`systemctl … parom@1 parom@2`: `ExecStart` и `ExecStartPost` из файла юнита, под тем же пользователем, с теми же переменными и папками',
  },
  {
    command: /^systemctl status parom/,
    instead: () =>
      'for n in 1 2; do kill -0 "$(cat /run/parom-$n.pid)" && echo "parom@$n: $(ls -l /run/parom/$n.sock)"; done',
    says: '`systemctl status`: живы ли процессы и есть ли сокеты',
  },
  {
    command: /^journalctl /,
    instead: () => 'tail -n 5 /var/log/parom-1.log /var/log/parom-2.log',
    says: '`journalctl`: то, что процессы напечатали',
  },
  {
    command: /^certbot /,
    instead: () => selfSigned(`/etc/letsencrypt/live/${site}`),
    says: '`certbot`: самоподписанный сертификат на том же месте, внесённый в доверенные',
  },
  {
    command: /^systemctl (daemon-reload|enable \w+)$/,
    instead: null,
    says: '`systemctl enable`, `daemon-reload`: запуск вместе с машиной, настройки защиты из юнита (`ProtectSystem` и прочие), перезапуск упавшего',
  },
  { command: /^ufw /, instead: null, says: '`ufw`: ядро и сеть общие с этой машиной' },
]

/** As systemd would, as far as the unit says it. */
function startProcess(number: string, text: string) {
  const named = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}=(.+)$`, 'gm'))].map(([, value = '']) => value.replaceAll('%i', number))
  const [user = ''] = named('User')
  const files = named('EnvironmentFile').map((file) => file.replace(/^-/, ''))
  const asUser = `setpriv --reuid ${user} --regid ${user} --init-groups --no-new-privs --`
  return [
    `pid=/run/parom-${number}.pid`,
    'if [ -s $pid ]; then kill "$(cat $pid)"; while kill -0 "$(cat $pid)" 2>/dev/null; do sleep 0.1; done; fi',
    `install -d -o ${user} -g ${user} -m ${named('RuntimeDirectoryMode')[0]} /run/${named('RuntimeDirectory')[0]}`,
    `install -d -o ${user} -g ${user} -m ${named('StateDirectoryMode')[0]} /var/lib/${named('StateDirectory')[0]}`,
    `( cd ${named('WorkingDirectory')[0]}; umask ${named('UMask')[0]}; set -a`,
    ...named('Environment').map((pair) => `  ${pair}`),
    `  STATE_DIRECTORY=/var/lib/${named('StateDirectory')[0]}`,
    ...files.map((file) => `  if [ -f ${file} ]; then . ${file}; fi`),
    '  set +a',
    `  setsid ${asUser} ${named('ExecStart')[0]} >>/var/log/parom-${number}.log 2>&1 &`,
    '  export MAINPID=$!; echo $MAINPID >$pid',
    ...named('ExecStartPost').map((command) => `  ${asUser} ${command} )`),
  ].join('\n')
}

function selfSigned(folder: string) {
  return [
    `mkdir -p ${folder}`,
    `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${site} -addext subjectAltName=DNS:${site} -keyout ${folder}/privkey.pem -out ${folder}/fullchain.pem 2>/dev/null`,
    `cp ${folder}/fullchain.pem /usr/local/share/ca-certificates/${site}.crt`,
    'update-ca-certificates >/dev/null 2>&1',
  ].join('\n')
}

/** What the guide leaves to hands, and what is looked at beside it; run after the command. */
export const additions: { after: RegExp; run: string; says: string }[] = [
  {
    after: /^chmod -R u=rwX/,
    run: [
      'mkdir -p /var/lib/sandbox',
      '(cd /opt/parom; SANDBOX_PORT=3901 SANDBOX_FILE=/var/lib/sandbox/state.jsonl setsid node_modules/.bin/node src/sandbox/main.ts >/var/log/sandbox.log 2>&1 &)',
      'for i in $(seq 100); do curl -fs http://127.0.0.1:3901/__sandbox/credentials >/tmp/credentials && break; sleep 0.2; done',
      'sed -n \'s/.*"access_token":"\\([^"]*\\)".*/AMO_BASE_URL=http:\\/\\/127.0.0.1:3901\\nAMO_ACCESS_TOKEN=\\1/p\' /tmp/credentials >>/etc/parom/parom.env',
      'grep -c AMO_ACCESS_TOKEN=. /etc/parom/parom.env',
      'for name in amo.config request.mapper amo-fields.mapper; do cp /opt/parom/config/local/$name.ts /etc/parom/config/prod/; done',
    ].join('\n'),
    says: 'правка трёх файлов руками и кнопка на `/api/auth`: файлы `config/local`, которые подходят песочнице, и её долгосрочный токен. amoCRM — песочница',
  },
  {
    after: /\/api\/order\/create/,
    run: [
      'for i in $(seq 150); do [ "$(mariadb -Ne \'SELECT COUNT(*) FROM parom.messages WHERE state = "delivered" AND lead_id IS NOT NULL\')" = 1 ] && break; sleep 0.2; done',
      "mariadb -e 'SELECT id, source, state, lead_id FROM parom.messages'",
      'curl -fs http://127.0.0.1:3901/__sandbox/state >/tmp/state',
      `lead=$(mariadb -Ne 'SELECT lead_id FROM parom.messages')`,
      'grep -qE "\\"id\\": ?$lead" /tmp/state && echo "lead $lead is in the sandbox"',
    ].join('\n'),
    says: 'доставлен ли заказ: смотрят в базу и в песочницу',
  },
]
