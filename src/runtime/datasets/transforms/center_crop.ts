/** Where the window in the middle begins: at ⌊(length - size) / 2⌋. */
export function centerCropStart(length: number, size: number): number {
  return Math.floor((length - size) / 2);
}
