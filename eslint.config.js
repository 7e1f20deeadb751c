import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom: docs/architecture.md, "Who may import whom". */
const mayImport = {
  windowing: [],
  views: [],
  'record-batch': [],
  avro: [],
  schemas: ['avro', 'record-batch'],
  storage: [],
  embedded: ['avro', 'record-batch'],
  'kafka-admin': ['record-batch'],
  streams: ['windowing', 'record-batch'],
  pipelines: ['windowing', 'schemas', 'streams', 'views'],
};
const libs = Object.keys(mayImport);
const apps = ['producer', 'processor', 'dashboard'];
const depConstraints = [
  ...Object.entries(mayImport).map(([name, allowed]) => [name, allowed]),
  ...apps.map((name) => [name, libs]),
  ['tools', [...libs, ...apps]],
].map(([name, allowed]) => ({
  sourceTag: `name:${name}`,
  onlyDependOnLibsWithTags: [name, ...allowed].map((tag) => `name:${tag}`),
}));

export default tseslint.config(
  {
    ignores: ['**/dist', '**/generated', '**/coverage', '**/node_modules', '**/test-results', '**/.millrace'],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          checkDynamicDependenciesExceptions: ['.*'],
          allow: [],
          depConstraints,
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    // Tests against real sockets may start the embedded broker and registry, whatever they test.
    files: ['**/integration/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          checkDynamicDependenciesExceptions: ['.*'],
          allow: [],
          depConstraints: depConstraints.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
            sourceTag,
            onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'name:embedded'],
          })),
        },
      ],
    },
  },
  {
    files: ['**/main.ts', 'tools/**', '**/*.spec.ts', '**/bin/**', '**/cli/**', '**/cli.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['libs/windowing/src/**/*.ts', 'libs/views/src/**/*.ts', 'libs/avro/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'This library also runs in browsers.' }] },
      ],
    },
  },
);
