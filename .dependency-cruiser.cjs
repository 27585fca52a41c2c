// The one-way rule: domain <- numerics <- {models | encoding | datasets | storage} <- pipeline <- jobs <- {server | cli}.
// The four siblings do not import each other; config may be read from pipeline upwards.
const above = {
  domain: ['numerics', 'models', 'encoding', 'datasets', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  numerics: ['models', 'encoding', 'datasets', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  models: ['encoding', 'datasets', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  encoding: ['models', 'datasets', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  datasets: ['models', 'encoding', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  storage: ['models', 'encoding', 'datasets', 'pipeline', 'jobs', 'server', 'cli', 'dashboard', 'config'],
  pipeline: ['jobs', 'server', 'cli', 'dashboard'],
  jobs: ['server', 'cli', 'dashboard'],
  server: ['cli', 'dashboard'],
  dashboard: ['numerics', 'models', 'encoding', 'datasets', 'storage', 'pipeline', 'jobs', 'server', 'cli', 'config'],
}

module.exports = {
  forbidden: [
    ...Object.entries(above).map(([folder, forbidden]) => ({
      name: `${folder}-looks-down-only`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: `^src/(${forbidden.join('|')})(/|\\.ts$)` },
    })),
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'domain-imports-nothing', severity: 'error', from: { path: '^src/domain/' }, to: { pathNot: '^src/domain/' } },
    { name: 'no-tests-in-product', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    { name: 'declared-dependencies-only', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] } },
  ],
  options: { enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] }, doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' } },
}
