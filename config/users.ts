import type { Users } from '../src/config/schema.ts'

/** Who may sign in. The password is an argon2id string: `npx parom hash-password` asks for a password and prints it. */
export default [
  {
    login: 'admin', // what is typed into the sign-in form
    name: 'Администратор', // how the pages greet the person
    password: '$argon2id$v=19$m=19456,t=2,p=1$8PElcTq0WfWPsdma5S/hgA$C04Lg9v6Ad5kaDxhFKiSlnXGohmr5cw5Kk1S7Kpz9eY', // sample: «admin»; prod refuses it
    roles: ['admin'], // ids from roles.ts
  },
] satisfies Users
