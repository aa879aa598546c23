import { z } from 'zod'
import { faultOfPassword, passwordLength } from '../people/new-password.ts'

/** What the account routes of the order API take, by its document. Every error is the key of a text that names the field. */

const name = z
  .string('api.account.name')
  .trim()
  .min(1, 'api.account.name')
  .max(190, 'api.account.name')
  .regex(/^\P{Cc}*$/u, 'api.account.name')

const email = z
  .string('api.account.email')
  .trim()
  .toLowerCase()
  .max(190, 'api.account.email')
  .check(z.email('api.account.email'))

/** Checked by `faultOfPassword`, which looks at the other fields, too. */
const newPassword = z
  .string('api.account.password')
  .meta({ minLength: passwordLength.shortest, maxLength: passwordLength.longest })

const newPasswordAgain = z.string('api.account.password_confirmation')

export const registerSchema = z
  .object(
    {
      name,
      email,
      password: newPassword,
      password_confirmation: newPasswordAgain,
      invitation: z.string('api.account.invitation').trim().nullish(),
    },
    'api.account.body',
  )
  .refine(hasGoodPassword, goodPassword())

/** Any e-mail: of one that can be nobody's the answer is the same as of a wrong password. */
export const loginSchema = z.object(
  {
    email: z.string('api.account.login_email').trim().toLowerCase().min(1, 'api.account.login_email'),
    password: z.string('api.account.login_password').min(1, 'api.account.login_password'),
  },
  'api.account.body',
)

export const changePasswordSchema = z
  .object(
    {
      email,
      old_password: z.string('api.account.old_password').min(1, 'api.account.old_password'),
      password: newPassword,
      password_confirmation: newPasswordAgain,
    },
    'api.account.body',
  )
  .refine(hasGoodPassword, goodPassword())

function hasGoodPassword(fields: Record<string, unknown>) {
  return faultIn(fields) === undefined
}

function goodPassword() {
  return {
    path: ['password'],
    error: ({ input }: { input?: unknown }) => faultIn(input as Record<string, unknown>),
    // Also where other fields are wrong, so that all faults are told at once.
    when: ({ value }: { value: unknown }) => typeof (value as { password?: unknown } | null)?.password === 'string',
  }
}

function faultIn({ email, password, password_confirmation: again }: Record<string, unknown>) {
  const fault = faultOfPassword(password, typeof again === 'string' ? again : password, String(email))
  return fault === null ? undefined : (textOfFault[fault] ?? 'api.account.password')
}

/** Those of `faultOfPassword` are the pages' own. */
const textOfFault: Readonly<Record<string, string>> = {
  'page.invitation.login': 'api.account.password_is_email',
  'people.password.common': 'api.account.password_common',
  'page.invitation.differ': 'api.account.password_differs',
}
