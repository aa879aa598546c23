/** A phone as a viewer sees it: `+7 ••• •••-45-67`. */
export function maskPhone(phone: string) {
  const digits = phone.replace(/\D/g, '')
  if (digits.length < 7) return digits && '•••'
  const country = /^[78]\d{10}$/.test(digits) ? '+7 ' : ''
  return `${country}••• •••-${digits.slice(-4, -2)}-${digits.slice(-2)}`
}

/** An e-mail as a viewer sees it: `i•••@example.ru`. */
export function maskEmail(email: string) {
  if (email === '') return ''
  const at = email.lastIndexOf('@')
  const [first = '', ...rest] = email.slice(0, Math.max(at, 0))
  return `${rest.length > 0 ? first : ''}•••${at < 0 ? '' : email.slice(at)}`
}
