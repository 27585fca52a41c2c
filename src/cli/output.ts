/** One line of JSON for scripts. */
export const printJson = (value: unknown): void => print(JSON.stringify(value))

export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** For people, beside what scripts read. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** Rows under a header in aligned columns. Numbers are shown as given: round them first. */
export const printTable = (header: string[], rows: (string | number | null)[][]): void => {
  const cells = [header, ...rows.map((row) => row.map((value) => (value === null ? '-' : String(value))))]
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const numeric = header.map((_, column) => rows.some((row) => typeof row[column] === 'number') && rows.every((row) => typeof row[column] !== 'string'))
  for (const row of cells) print(row.map((value, column) => (numeric[column] ? value.padStart(widths[column]) : value.padEnd(widths[column]))).join('  ').trimEnd())
}

/** A score with three digits, `-` where it is undefined. */
export const score = (value: number | null): string => (value === null ? '-' : value.toFixed(3))

/** A score with its interval, where it has one. */
export const withInterval = (value: number | null, { interval }: { interval: [number, number] | null }): string => (interval === null ? score(value) : `${score(value)} [${score(interval[0])}, ${score(interval[1])}]`)
