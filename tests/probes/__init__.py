"""The probes: what they see of made-up folders, of hostile ones, and of real Pythons and loaders."""
