// Preloaded into a command (node --import): writes its peak memory in kilobytes to the file AEDSL_PEAK_MEMORY when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  if (process.env.AEDSL_PEAK_MEMORY) {
    writeFileSync(process.env.AEDSL_PEAK_MEMORY, String(process.resourceUsage().maxRSS));
  }
});
