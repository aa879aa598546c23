/** Characters of a password that somebody chooses. */
export const passwordLength = { shortest: 10, longest: 1000 }

/** What is wrong with it, as a key of the translations; null: nothing. */
export function faultOfPassword(password: unknown, again: unknown, login: string): string | null {
  if (typeof password !== 'string') return 'page.invitation.length'
  const { length } = Array.from(password)
  if (length < passwordLength.shortest || length > passwordLength.longest) return 'page.invitation.length'
  const typed = password.trim().toLowerCase()
  if (typed === login.toLowerCase()) return 'page.invitation.login'
  if (new Set(typed).size < fewest || commonest.has(typed)) return 'people.password.common'
  return password === again ? null : 'page.invitation.differ'
}

/** Different characters: `1111111111` and `abababab12` are among the first that are guessed. */
const fewest = 5

/** Of the passwords that leaks show most often, those that are long enough, and how they are typed in Russian. */
const commonest: ReadonlySet<string> = new Set(
  `
  1234567890 12345678910 123456789a a123456789 0123456789 0987654321 9876543210 1234567891 123456789q q123456789
  123456789123 12345678901 1029384756 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsxcde3
  1qazxsw23edc qazwsxedcrfv qazwsx123456 qwertyuiop qwertyuiop123 qwerty12345 qwerty123456 qwerty1234 qwerty123456789
  1234qwerasdf 123qweasdzxc 12345qwert 123456qwerty 123qwe123qwe qwe123qwe123 qweasdzxc123 asdfghjkl; asdfghjkl123
  zxcvbnm123 password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123 p@ssword123 mypassword
  mypassword1 password01 passwordpassword administrator admin12345 admin123456 adminadmin administrator1 changeme123
  welcome123 welcome1234 letmein123 iloveyou123 iloveyou12 sunshine123 football123 superman123 monkey1234
  abcdefghij abcdef12345 abc1234567 abcd123456 asdf123456 superadmin rootroot123 testtest123 test123456
  йцукенгшщз йцукенгшщзхъ йцукен12345 йцукен123456 1234567890й фывапролдж фывапролджэ пароль12345 пароль123456
  парольпароль администратор администратор1 gfhjkm12345 gfhjkm123456 parol12345 parol123456 parom12345 parom123456
  натусик123 люблютебя1 привет12345 privet12345 qwertyuiop[] 1234567890- 7777777770 spartak1922
  `
    .trim()
    .split(/\s+/),
)
