// Keeps a core busy until it is killed: another process that the benchmark has to share the machine with.
for (let x = 1; ; x = (x * 1103515245 + 12345) % 2147483648) if (x < 0) break;
