import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // 32 signs, none that look alike

/** A random identifier of 16 signs (80 bits): safe in URLs, file names and as a command-line argument. */
export const newId = (): string => Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('')
