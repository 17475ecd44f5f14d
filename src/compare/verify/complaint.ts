/** What a program that failed said of it, in a line: the first that names an error, else its last. */
export function complaint(output: string): string {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
