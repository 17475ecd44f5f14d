// Loaded with a small young generation, so that garbage is collected all the time: also where only what waits for a promise is
// woken, of which better-sqlite3 12 dies in Node 24.19 and later when a statement is taken.
const wakeUp = async () => {
  for (let i = 0; i < 20_000; i++) await null;
};
setInterval(wakeUp, 10).unref();
process.once('beforeExit', wakeUp);
