import type { CkaReport, RdmCeilingReport, RdmComparisonReport, RdmView } from '../domain/rdm.ts'
import { print, printTable, score } from './output.ts'

export const printRdm = ({ id, name, kind, n, by, distance, undefinedPairs, animals, warnings }: RdmView): void => {
  print(`${id}  ${name}`)
  print(`  ${kind}, ${n} rows by ${by}, ${distance}${animals.length > 0 ? `, animals ${animals.join(', ')}` : ''}${undefinedPairs > 0 ? `, ${undefinedPairs} pairs without a value` : ''}`)
  for (const warning of warnings) print(`  warning: ${warning}`)
}

const ceilingText = (ceiling: RdmCeilingReport): string => {
  if (ceiling.method === null) return `no ceiling: ${ceiling.reason}`
  if (ceiling.method === 'split-half') return `reliability of the first ${score(ceiling.reliability)} (split halves, ${ceiling.draws} draws), its root ${score(ceiling.sqrtReliability)}`
  return `ceiling ${score(ceiling.lower)} to ${score(ceiling.upper)} (each of ${ceiling.animals} animals against the others, and against all)`
}

const range = (interval: [number, number] | null): string => (interval === null ? '-' : `[${score(interval[0])}, ${score(interval[1])}]`)

export const printComparison = ({ a, comparison, by, n, results, ceiling, differences, warnings }: RdmComparisonReport): void => {
  print(`${comparison} with ${a.map(({ name }) => name).join(', ')}; ${n} rows by ${by}`)
  printTable(
    ['id', 'name', 'kind', 'value', 'interval', 'per animal'],
    results.map(({ id, name, kind, value, interval, animals }) => [id, name, kind, score(value), range(interval), animals === null ? '' : `${score(animals.mean)} (${animals.each.map((animal) => score(animal.value)).join(', ')})`]),
  )
  print(ceilingText(ceiling))
  for (const { first, second, difference, interval, p } of differences) print(`${first} less ${second}: ${score(difference)} ${range(interval)}, p ${score(p)}`)
  for (const warning of warnings) print(`warning: ${warning}`)
}

export const printCka = ({ biased, unbiased, reason, by, n, a, b, warnings }: CkaReport): void => {
  print(`linear CKA of ${a.name} and ${b.name}; ${n} rows by ${by}`)
  print(`  unbiased ${score(unbiased)}, biased ${score(biased)}${reason === null ? '' : ` (${reason})`}`)
  for (const warning of warnings) print(`warning: ${warning}`)
}
