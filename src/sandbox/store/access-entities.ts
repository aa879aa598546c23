/** Who may come in. */

export interface Integration {
  /** What clients call `client_id`. */
  id: string
  client_secret: string
  name: string
  description: string
  kind: 'private' | 'public' | 'external'
  redirect_uri: string
  /** Told when the account disconnects the integration. */
  disconnect_url: string | null
  logo: string | null
  scopes: string[]
}

export interface Code {
  id: string
  client_id: string
  user_id: number
  expires_at: number
  used: boolean
}

export interface Token {
  /** SHA-256 of the token: whoever reads the state does not get in. */
  id: string
  kind: 'access' | 'refresh' | 'long-lived'
  client_id: string
  user_id: number
  expires_at: number
  used: boolean
  /** The refresh token that took this one's place. */
  successor: string | null
}
