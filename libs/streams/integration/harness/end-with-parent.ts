/** Ends this program with its standard input, so that none outlives a test run that is killed. */
process.stdin.on('end', () => process.exit(1)).resume();
