"""Running a workflow: keys, cache, plan, schedule, executor, events. Knows graphs; no domain, no torch, no server."""
