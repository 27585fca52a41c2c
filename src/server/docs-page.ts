import { problemCodes } from '../domain/errors.ts'

/** The parts of an OpenAPI document that the page shows. */
export interface OpenApiDocument {
  info: { title: string; version: string }
  paths: Record<string, Record<string, { summary?: string; tags?: string[] }>>
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** The API's routes and problem codes as one plain page, without script or style. */
export const docsPage = ({ info, paths }: OpenApiDocument): string => {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, tags }]) => ({ tag: tags?.[0] ?? 'other', path, method: method.toUpperCase(), summary: summary ?? '' })),
  )
  const sections = [...Map.groupBy(routes, ({ tag }) => tag)].map(
    ([tag, rows]) =>
      `<h2>${escape(tag)}</h2><table>${rows.map(({ method, path, summary }) => `<tr><td>${method}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td></tr>`).join('')}</table>`,
  )
  const codes = Object.entries(problemCodes).map(([code, { status, title }]) => `<tr id="problem-${code}"><td>${status}</td><td><code>${code}</code></td><td>${escape(title)}</td></tr>`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(info.title)} API</title>
<h1>${escape(info.title)} ${escape(info.version)}</h1><p>Bodies and answers in full: <a href="/openapi.yaml">openapi.yaml</a>.</p>
${sections.join('\n')}
<h2>Problem codes</h2><table>${codes.join('')}</table></html>`
}
