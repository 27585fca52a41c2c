import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN = /^ventral_([0-9a-z]{16})_([A-Za-z0-9_-]{43})$/

/** What a key begins with; the rest is secret. */
export const prefixOf = (id: string): string => `ventral_${id}_`

/** A new secret: 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * What is stored of a secret. A fast hash is the right one here: slow ones make guessing words dear, and of 256 random bits nothing can be
 * guessed. With every request a slow hash would cost what it costs an attacker, and be a way to keep the server busy.
 */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Id and secret of a key as it is sent, or null where it has not the form of one. */
export const parseKey = (token: string): { id: string; secret: string } | null => {
  const match = TOKEN.exec(token)
  return match === null ? null : { id: match[1], secret: match[2] }
}

/** Compares in a time that does not depend on where the two differ. */
export const isSecret = (secret: string, sha256: Buffer): boolean => timingSafeEqual(hashSecret(secret), sha256)
