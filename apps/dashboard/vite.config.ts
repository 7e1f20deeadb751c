import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: `${import.meta.dirname}/src/web`,
  plugins: [react()],
  resolve: { conditions: ['@millrace/source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: `${import.meta.dirname}/dist/web`,
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4200', '/metrics': 'http://127.0.0.1:4200' } },
});
