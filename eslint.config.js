import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tap/', '.ventral/', 'src/numerics/lapack/recipe/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Only config reads the environment, so that every setting has one name, one default and one place.
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Read settings through src/config.ts.' }],
      'no-restricted-imports': ['error', { name: 'onnxruntime-node', message: 'Import src/numerics/onnx/runtime.ts, which keeps it from reporting to its vendor.' }],
    },
  },
  { files: ['src/numerics/onnx/runtime.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['src/config.ts', 'src/numerics/onnx/no-telemetry.ts', 'test/helper/**', 'bench/**'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['test/**'], rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/require-await': 'off' } },
  { files: ['bench/**', 'src/cli/**'], rules: { 'no-console': 'off' } },
)
