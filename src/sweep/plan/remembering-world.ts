import type { DescribeFile } from '../../compiler/library/data-file.js';
import type { World } from '../../compiler/world.js';

/** A world that reads every data file once, however many trials ask for it. */
export function rememberingWorld(world: World): World {
  const known = new Map<string, ReturnType<DescribeFile>>();
  return {
    ...world,
    describeFile: (from) => {
      const describe = world.describeFile(from);
      return (request, used, format) => {
        const key = JSON.stringify([from.path, request, used]);
        const described = known.get(key) ?? describe(request, used, format);
        known.set(key, described);
        return described;
      };
    },
  };
}
