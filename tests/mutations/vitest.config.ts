// The tests as they always run, but each file in a process of its own, where tests/mutations/reach.mjs must tell them apart.
import { defineConfig } from 'vitest/config';
import config from '../../vitest.config.js';

const projects = config.test?.projects ?? [];

export default defineConfig({
  test: {
    ...config.test,
    projects: projects.map((project) => {
      if (typeof project !== 'object' || !('test' in project)) throw new Error('a project without tests');
      const setupFiles = ['tests/mutations/name-test.ts', project.test?.setupFiles ?? []].flat();
      return { ...project, test: { ...project.test, isolate: true, setupFiles } };
    }),
  },
});
