import { anOrder } from './orders.ts'

/** What gets out of the place where a text stands: of an element, an attribute, a script, a comment, a template. */
const exits = [
  '',
  '">',
  "'>",
  '`>',
  '</td></tr></table>',
  '</pre>',
  '</script>',
  '</style>',
  '</title>',
  '</textarea>',
  '</option></select>',
  '-->',
  ']]>',
  '" ',
  "' ",
  '\\"',
  "\\';",
  '&quot;>',
  '&#34;&#62;',
  '%22%3E',
  '\u2028',
  '\u202e',
  '\ufeff',
  '＂＞',
  '{{',
]

/** What would do something there; each tells by its number that it did. */
const deeds = [
  (n: number) => `<script>pwned(${n})</script>`,
  (n: number) => `<ScRiPt/x>pwned(${n})</sCrIpT >`,
  (n: number) => `<img src=x onerror=pwned(${n})>`,
  (n: number) => `<svg/onload=pwned(${n})>`,
  (n: number) => `<body onload=pwned(${n})>`,
  (n: number) => `<details open ontoggle=pwned(${n})>x</details>`,
  (n: number) => `<input autofocus onfocus=pwned(${n})>`,
  (n: number) => `<iframe srcdoc="<script>parent.pwned(${n})</script>"></iframe>`,
  (n: number) => `<a href="javascript:pwned(${n})">x</a>`,
  (n: number) => `<math><mtext><style><img title="</style><img src onerror=pwned(${n})>">`,
  (n: number) => `<div hx-get="/logout" hx-trigger="load" id="n${n}"></div>`,
  (n: number) => `<form action="/logout" method="post"><button>${n}</button></form>`,
  (n: number) => `<meta http-equiv="refresh" content="0;url=javascript:pwned(${n})">`,
  (n: number) => `<link rel=stylesheet href=//127.0.0.1:9/${n}.css>`,
  (n: number) => `onmouseover=pwned(${n}) style=position:fixed;inset:0 x=`,
  (n: number) => `{{ range.constructor("pwned(${n})")() }}{% raw %}`,
  (n: number) => `$\{pwned(${n})}#{pwned(${n})}<%= ${n} %>`,
  (n: number) => `=HYPERLINK("http://127.0.0.1:9/${n}";"x")`,
  (n: number) => `@SUM(1+${n})*cmd|' /C calc'!A0`,
  (n: number) => `*x* _y_ [z](tg://user?id=${n}) <b>b</b> <a href="http://127.0.0.1:9/${n}">a</a>`,
]

/** Five hundred texts that a shop's buyer may type. */
export const hostileTexts = exits.flatMap((exit, row) =>
  deeds.map((deed, column) => exit + deed(row * deeds.length + column)),
)

/** An order with the text in each of its fields, and as the name of one. */
export function orderOf(text: string) {
  const words = [
    'order_id',
    'customer_id',
    'firstname',
    'lastname',
    'telephone',
    'email',
    'payment_method',
    'shipping_method',
    'shipping_city',
    'shipping_address_1',
    'comment',
    'total',
    'currency_code',
  ]
  const products = [{ product_id: text, name: text, model: text, quantity: text, price: text, total: text }]
  return anOrder({
    ...Object.fromEntries(words.map((word) => [word, text])),
    [text.replace(/[[\]]/g, '')]: text,
    products,
  })
}
