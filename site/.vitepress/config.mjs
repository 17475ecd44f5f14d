import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const grammar = JSON.parse(readFileSync(new URL('../../grammar/aedsl.tmLanguage.json', import.meta.url), 'utf8'));
const page = (text, link) => ({ text, link });

export default defineConfig({
  title: 'aedsl',
  description: 'A language for autoencoder experiments, and a harness that makes their results repeatable to the bit',
  srcDir: 'pages',
  outDir: '../.aedsl/site',
  cacheDir: '../.aedsl/site-cache',
  rewrites: { 'README.md': 'index.md', ':path(.*)/README.md': ':path/index.md' },
  cleanUrls: true,
  // Pages link to folders and sources too, which are read in the repository.
  ignoreDeadLinks: [(link) => !/\.md(#|$)|^[^.]*$/.test(link), /\/tests\//],
  markdown: { languages: [{ ...grammar, name: 'ae', aliases: ['aedsl'] }] },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'Begin',
        items: [
          page('What it is', '/'),
          page('Tutorial', '/docs/tutorial'),
          page('From PyTorch', '/docs/from-pytorch'),
          page('Which command do I want?', '/docs/commands'),
          page('Glossary', '/docs/glossary'),
        ],
      },
      {
        text: 'How to',
        items: [
          page('Use data of your own', '/docs/data'),
          page('Sweep and compare', '/docs/tables'),
          page('Watch', '/docs/dashboard'),
          page('Apply a model', '/docs/apply'),
          page('Build networks with skips and blocks', '/docs/networks'),
          page('Condition on a class', '/docs/conditions'),
          page('Give something else than the input', '/docs/targets'),
          page('Define losses and activations', '/docs/definitions'),
          page('Find anomalies', '/docs/anomaly'),
          page('Export', '/docs/export'),
          page('Replay in PyTorch', '/docs/pytorch'),
          page('Make figures for a paper', '/docs/figures'),
          page('Work in a notebook', '/docs/notebook'),
          page('Gate changes in CI', '/docs/lock'),
          page('Set up an editor', '/docs/editor'),
          page('Train on other machines', '/docs/work'),
          page('Write words of your own', '/docs/words'),
          page('Call it from programs', '/docs/api'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('The language', '/grammar/language'),
          page('Words', '/docs/reference/'),
          page('Experiments', '/experiments/'),
          page('Metrics', '/docs/metrics'),
          page('The database', '/docs/results'),
          page('Events and exit codes', '/docs/events'),
          page('Backends and limits', '/docs/backends'),
        ],
      },
      {
        text: 'Trust',
        items: [
          page('Why the bits are equal', '/docs/bits'),
          page('diff', '/docs/diff'),
          page('verify and bundles', '/docs/verify'),
          page('Security', '/SECURITY'),
          page('Benchmarks', '/benchmarks/'),
        ],
      },
      {
        text: 'Contribute',
        items: [
          page('Contributing', '/CONTRIBUTING'),
          page('Architecture', '/ARCHITECTURE'),
          page('Decisions', '/docs/decisions/'),
          page('How words are checked', '/grammar/words'),
          page('Numerics', '/src/runtime/backend/numerics'),
          page('Changes', '/CHANGELOG'),
        ],
      },
    ],
  },
});
