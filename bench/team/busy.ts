// A thread that keeps a core busy until it is ended.
for (let n = 0; ; n++) if (n < 0) break;
