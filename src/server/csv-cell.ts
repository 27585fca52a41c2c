/** A cell of CSV; what is undefined is empty. */
export const cell = (value: string | number | null): string => {
  if (value === null) return ''
  // A cell that begins like a formula would be run by a spreadsheet; ids and regions are the user's text.
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
