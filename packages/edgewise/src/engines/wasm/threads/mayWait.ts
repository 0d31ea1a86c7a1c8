/** Whether this thread may be held up; that of a page may not. */
export const mayWait: boolean = canWait();

function canWait(): boolean {
  try {
    // The word is not 1, so that nothing is waited for.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
