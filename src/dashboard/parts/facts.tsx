/** Nested facts, each level a list of its own; whatever the server states, without knowing its names. */
export const Facts = ({ of }: { of: Record<string, unknown> }) => (
  <dl class="facts">
    {Object.entries(of).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{isRecord(value) ? <Facts of={value} /> : text(value)}</dd>
      </div>
    ))}
  </dl>
)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const text = (value: unknown): string => {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  return Array.isArray(value) ? value.map(text).join(', ') : JSON.stringify(value)
}
