"""The running assistant as seen from outside: logs, metrics and traces, all of them optional."""
