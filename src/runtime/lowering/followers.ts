import type { NetworkNode } from './network.js';

/**
 * Marks each node with the activation that follows it, if nothing else takes its output and the two can be computed as
 * one.
 *
 * @param output key of the node whose output is the network's
 * @param seen keys of other outputs that are read, such as those that a loss names
 */
export function withFollowers(
  nodes: readonly NetworkNode[],
  output: string,
  seen: ReadonlySet<string>,
): readonly NetworkNode[] {
  const uses = new Map<string, number>();
  const use = (key: string) => uses.set(key, (uses.get(key) ?? 0) + 1);
  use(output);
  seen.forEach(use);
  for (const node of nodes) {
    use(node.source);
    Object.values(node.heads).forEach(use);
    node.joined.forEach(use);
  }
  return nodes.map((node) => {
    const next = nodes.find(({ source }) => source === node.key);
    const alone = uses.get(node.key) === 1 && next?.lowering.fusedActivation !== undefined;
    return alone && next && node.lowering.fusedForward ? { ...node, follower: next.key } : node;
  });
}
